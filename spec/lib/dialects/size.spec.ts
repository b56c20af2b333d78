import { checkSize, mayBeTooLarge, prefixed } from '../../../lib/dialects/size.js';
import { ipcError } from '../../support/errors.js';
import { codeThrown } from './decoding.js';

const limits = { maxMessageSize: 10, maxDepth: 500 };

describe('The size of a packet', () => {
  it('is measured in bytes of the wire, without framing', () => {
    expect(mayBeTooLarge('abc', limits)).toBeFalse();
    expect(mayBeTooLarge('abcd', limits)).toBeTrue();
    checkSize('éééé', 0, limits);
    checkSize('ééééé\f', 1, limits);
    checkSize(['ab', 'é'.repeat(4)], 0, limits);
    expect(codeThrown(() => checkSize('éééééé', 0, limits))).toBe('ERR_IPC_TOO_LARGE');
    expect(codeThrown(() => checkSize(['abc', 'é'.repeat(4)], 0, limits))).toBe('ERR_IPC_TOO_LARGE');
    expect(codeThrown(() => checkSize(Buffer.alloc(11), 0, limits))).toBe('ERR_IPC_TOO_LARGE');
  });

  it('is reported with the limit and the setting', () => {
    const message = 'A message of 11 bytes is longer than config.maxMessageSize (10 bytes)';
    expect(() => checkSize(Buffer.alloc(11), 0, limits)).toThrow(ipcError('ERR_IPC_TOO_LARGE', message));
  });

  it('can be written before a message', () => {
    expect(prefixed('é', 'big-endian', limits)).toEqual(Buffer.from([0, 0, 0, 2, 0xc3, 0xa9]));
    expect(prefixed(Buffer.from('a'), 'little-endian', limits)).toEqual(Buffer.from([1, 0, 0, 0, 97]));
  });
});
