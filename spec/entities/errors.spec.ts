import { inspect } from 'node:util';
import { closedError, codeOf, IPCError, lostError, messageOf, reservedError } from '../../entities/errors.js';
import { ipcError } from '../support/errors.js';

describe('An IPCError', () => {
  it('is an Error with a name, a code and a message', () => {
    const error = new IPCError('ERR_IPC_CLOSED', 'It is closed.');
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('IPCError');
    expect(error.code).toBe('ERR_IPC_CLOSED');
    expect(String(error)).toBe('IPCError: It is closed.');
    expect(inspect(error)).toContain('IPCError: It is closed.');
  });

  it('has a cause only if one was given, even an undefined one', () => {
    const cause = new Error('underneath');
    expect(new IPCError('ERR_IPC_CLOSED', '', { cause }).cause).toBe(cause);
    expect(Object.hasOwn(new IPCError('ERR_IPC_CLOSED', '', { cause: undefined }), 'cause')).toBeTrue();
    expect(Object.hasOwn(new IPCError('ERR_IPC_CLOSED', ''), 'cause')).toBeFalse();
  });

  it('has issues only if some were given', () => {
    const issues = [{ message: 'too small' }];
    expect(new IPCError('ERR_IPC_INVALID_INPUT', '', { issues }).issues).toBe(issues);
    expect(Object.keys(new IPCError('ERR_IPC_CLOSED', ''))).toEqual(['code']);
  });

  it('says what to do', () => {
    expect(closedError('world')).toEqual(ipcError('ERR_IPC_CLOSED', 'world is closed; connect again'));
    expect(lostError('world')).toEqual(ipcError('ERR_IPC_DISCONNECTED', 'use retries'));
    expect(reservedError('connect')).toEqual(ipcError('ERR_IPC_RESERVED', '"connect"'));
    expect(reservedError('connect').message).toContain('config.allowReservedEvents');
  });
});

describe('A thrown value', () => {
  it('has a message, whatever it is', () => {
    expect(messageOf(new TypeError('no'))).toBe('no');
    expect(messageOf('no')).toBe('no');
    expect(messageOf(undefined)).toBe('undefined');
    expect(messageOf(null)).toBe('null');
    expect(messageOf({ message: 'no' })).toBe('no');
    expect(messageOf({ message: 1 })).toBe('[object Object]');
    expect(messageOf(Object.create(null))).toBe('[object Object]');
  });

  it('has a code if its code is a string', () => {
    expect(codeOf(Object.assign(new Error(''), { code: 'ENOENT' }))).toBe('ENOENT');
    for (const thrown of [
      Object.assign(new Error(''), { code: 2 }),
      new Error(''),
      'ENOENT',
      null,
      undefined,
    ]) {
      expect(codeOf(thrown)).toBe('');
    }
  });
});
