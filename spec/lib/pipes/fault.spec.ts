import { IPCError } from '../../../entities/errors.js';
import { faultOf } from '../../../lib/pipes/fault.js';
import { ipcError } from '../../support/errors.js';

describe('The error with which a connection ends', () => {
  it('is the one that was thrown, or has it as its cause', () => {
    const violation = new IPCError('ERR_IPC_PROTOCOL', 'no');
    expect(faultOf(violation)).toBe(violation);
    const thrown = new RangeError('too long');
    expect(faultOf(thrown)).toEqual(ipcError('ERR_IPC_PROTOCOL', 'too long'));
    expect(faultOf(thrown).cause).toBe(thrown);
  });
});
