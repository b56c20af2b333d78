import { runInNewContext } from 'node:vm';
import { IPCError, type IPCErrorCode } from '../../entities/errors.js';
import { eventName, fromPacketError, isControl, malformed, toPacketError } from '../../entities/packet.js';
import { ipcError } from '../support/errors.js';

describe('A packet between connections', () => {
  it('is told by the beginning of its name', () => {
    for (const type of ['ipc:', 'ipc:hello', 'ipc:anything']) expect(isControl(type)).toBeTrue();
    for (const type of ['', 'ipc', 'IPC:hello', 'ipc hello', 'xipc:', 'item']) {
      expect(isControl(type)).toBeFalse();
    }
  });
});

describe('An event’s name', () => {
  it('is any other string', () => {
    for (const type of ['message', '', 'ipc', '*', 'connect']) expect(eventName(type)).toBe(type);
  });

  it('is refused where it is no string', () => {
    for (const type of [undefined, null, 1, {}, Symbol('s')]) {
      expect(() => eventName(type)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', /^An event's name must be a string/),
      );
    }
  });

  it('is refused where it is for connections', () => {
    expect(() => eventName('ipc:mine')).toThrow(ipcError('ERR_IPC_ARGUMENT', 'rename ipc:mine'));
  });
});

describe('An error on its way', () => {
  const travel = (error: unknown) => fromPacketError(JSON.parse(JSON.stringify(toPacketError(error))));

  it('keeps its name, message, code and issues', () => {
    const issues = [{ message: 'too small', path: ['age'] }];
    const arrived = travel(new IPCError('ERR_IPC_INVALID_INPUT', 'It does not fit.', { issues }));
    expect(arrived).toBeInstanceOf(IPCError);
    expect(arrived).toEqual(ipcError('ERR_IPC_INVALID_INPUT', 'It does not fit.'));
    expect(arrived.name).toBe('IPCError');
    expect(arrived.issues).toEqual(issues);
  });

  it('keeps a name and code of its own', () => {
    const arrived = travel(Object.assign(new RangeError('too far'), { code: 'E_FAR' }));
    expect(arrived).toBeInstanceOf(IPCError);
    expect(arrived.name).toBe('RangeError');
    expect(arrived.code).toBe('E_FAR');
    expect(String(arrived)).toBe('RangeError: too far');
    expect(Object.keys(arrived)).not.toContain('name');
  });

  it('says that it comes from the other side where it has no code', () => {
    expect(travel(new Error('no'))).toEqual(ipcError('ERR_IPC_REMOTE', 'no'));
    expect(travel(Object.assign(new Error('no'), { code: 13 }))).toEqual(ipcError('ERR_IPC_REMOTE', 'no'));
  });

  it('takes no more along than it needs', () => {
    const error = Object.assign(new Error('no'), { secret: 1, issues: 'none' });
    expect(toPacketError(error)).toEqual({ name: 'Error', message: 'no' });
  });

  it('may be anything that was thrown', () => {
    expect(travel('no')).toEqual(ipcError('ERR_IPC_REMOTE', /^no$/));
    expect(travel(undefined)).toEqual(ipcError('ERR_IPC_REMOTE', /^undefined$/));
    expect(travel(Symbol('no'))).toEqual(ipcError('ERR_IPC_REMOTE', /^Symbol\(no\)$/));
    expect(travel(Object.create(null))).toEqual(ipcError('ERR_IPC_REMOTE', 'object'));
  });

  it('is an error of another realm too', () => {
    const foreign = runInNewContext('Object.assign(new TypeError("foreign"), { code: "E_FOREIGN" })');
    expect(foreign).not.toBeInstanceOf(Error);
    expect(travel(foreign)).toEqual(ipcError('E_FOREIGN' as IPCErrorCode, 'foreign'));
    expect(travel(foreign).name).toBe('TypeError');
  });

  it('is filled in where a peer sent nonsense', () => {
    const said = 'The other side refused the request and gave no reason.';
    for (const nonsense of [
      null,
      undefined,
      0,
      true,
      'text',
      [],
      {},
      { name: 1, message: {}, code: [], issues: 1 },
    ]) {
      const error = fromPacketError(nonsense);
      expect(error).toEqual(ipcError('ERR_IPC_REMOTE', said));
      expect(error.name).toBe('IPCError');
      expect(error.issues).toBeUndefined();
    }
  });
});

describe('A frame that could not be read', () => {
  it('is told of by its beginning', () => {
    const { type, error } = malformed('It is no JSON', '{"oops');
    expect(type).toBe('');
    expect(error as IPCError).toEqual(ipcError('ERR_IPC_DECODE', 'It is no JSON: "{\\"oops"'));
  });

  it('is cut off where it is long', () => {
    const { message } = malformed('Wrong', 'x'.repeat(81)).error as IPCError;
    expect(message).toBe(`Wrong: "${'x'.repeat(80)}..."`);
    expect(malformed('Wrong', 'x'.repeat(80)).error?.message).toBe(`Wrong: "${'x'.repeat(80)}"`);
  });

  it('tells of the error underneath where there is one', () => {
    const cause = new SyntaxError('here');
    expect((malformed('Wrong', '', cause).error as IPCError).cause).toBe(cause);
    expect(Object.hasOwn(malformed('Wrong', '').error as IPCError, 'cause')).toBeFalse();
  });
});
