import {
  CANCEL,
  CREDIT,
  END,
  ITEM,
  isAboutStream,
  isCount,
  isForResponder,
  STREAM,
  streamViolation,
} from '../../entities/stream.js';
import { ipcError } from '../support/errors.js';

describe('A packet of a stream', () => {
  it('is recognized by its type, and has an object as its data', () => {
    for (const type of [ITEM, END, CREDIT, CANCEL]) {
      expect(isAboutStream({ type, data: { id: 1 } })).toBeTrue();
      for (const data of [undefined, null, 5, 'text']) expect(isAboutStream({ type, data })).toBeFalse();
    }
    expect(isAboutStream({ type: 'message', data: { id: 1 } })).toBeFalse();
  });

  it('opens a call only if it has an id', () => {
    expect(isForResponder({ type: STREAM, data: {}, id: 1 })).toBeTrue();
    expect(isForResponder({ type: STREAM, data: {} })).toBeFalse();
    expect(isForResponder({ type: CREDIT, data: { id: 1 } })).toBeTrue();
  });

  it('has counts that are whole numbers from 0', () => {
    for (const count of [0, 1, 2 ** 40]) expect(isCount(count)).toBeTrue();
    for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '1', null, undefined]) {
      expect(isCount(value)).toBeFalse();
    }
  });

  it('ends the connection if it violates the protocol', () => {
    expect(streamViolation('why')).toEqual(ipcError('ERR_IPC_PROTOCOL', 'why; the connection is closed.'));
  });
});
