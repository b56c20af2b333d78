import { runInNewContext } from 'node:vm';
import { IPCError, type IPCErrorCode } from '../../entities/errors.js';
import {
  eventName,
  fromPacketError,
  isControl,
  isPacketId,
  malformed,
  toPacketError,
  unreadable,
} from '../../entities/packet.js';
import { ipcError } from '../support/errors.js';

describe('A packet between connections', () => {
  it('is recognized by the beginning of its name', () => {
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

  it('is the text of a number, as node-ipc writes it', () => {
    expect(eventName(5)).toBe('5');
  });

  it('is refused if it is not a string', () => {
    for (const type of [undefined, null, {}, Symbol('s')]) {
      expect(() => eventName(type)).toThrow(
        ipcError('ERR_IPC_ARGUMENT', /^An event's name must be a string/),
      );
    }
  });

  it('is refused if it is longer than the limit', () => {
    expect(eventName('x'.repeat(4096)).length).toBe(4096);
    expect(() => eventName('x'.repeat(4097))).toThrow(ipcError('ERR_IPC_ARGUMENT', 'this one has 4097'));
  });

  it('is refused if it is reserved for control packets', () => {
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

  it('keeps a custom name and code', () => {
    const arrived = travel(Object.assign(new RangeError('too far'), { code: 'E_FAR' }));
    expect(arrived).toBeInstanceOf(IPCError);
    expect(arrived.name).toBe('RangeError');
    expect(arrived.code).toBe('E_FAR');
    expect(String(arrived)).toBe('RangeError: too far');
    expect(Object.keys(arrived)).not.toContain('name');
  });

  it('says that it comes from the peer if it has no code', () => {
    expect(travel(new Error('no'))).toEqual(ipcError('ERR_IPC_REMOTE', 'no'));
    expect(travel(Object.assign(new Error('no'), { code: 13 }))).toEqual(ipcError('ERR_IPC_REMOTE', 'no'));
  });

  it('transmits only its name, message, code and issues', () => {
    const error = Object.assign(new Error('no'), { secret: 1, issues: 'none' });
    expect(toPacketError(error)).toEqual({ name: 'Error', message: 'no' });
  });

  it('may be any thrown value', () => {
    expect(travel('no')).toEqual(ipcError('ERR_IPC_REMOTE', /^no$/));
    expect(travel(undefined)).toEqual(ipcError('ERR_IPC_REMOTE', /^undefined$/));
    expect(travel(Symbol('no'))).toEqual(ipcError('ERR_IPC_REMOTE', /^Symbol\(no\)$/));
    expect(travel(Object.create(null))).toEqual(ipcError('ERR_IPC_REMOTE', 'object'));
  });

  it('may be an error of another realm', () => {
    const foreign = runInNewContext('Object.assign(new TypeError("foreign"), { code: "E_FOREIGN" })');
    expect(foreign).not.toBeInstanceOf(Error);
    expect(travel(foreign)).toEqual(ipcError('E_FOREIGN' as IPCErrorCode, 'foreign'));
    expect(travel(foreign).name).toBe('TypeError');
  });

  it('has defaults for members that a peer sent with a wrong type', () => {
    const said = 'The other side refused the request without giving a reason.';
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
  it('is reported with its beginning', () => {
    const { type, error } = malformed('It is not JSON', 6);
    expect(type).toBe('');
    expect(error as IPCError).toEqual(
      ipcError('ERR_IPC_DECODE', 'It is not JSON; it was dropped (length 6).'),
    );
  });

  it('is reported with the place of the error, and never with its content', () => {
    for (const frame of ['{"password":"s3cret"x}', '{"password":"s3cret', 's3cret']) {
      let cause: unknown;
      try {
        JSON.parse(frame);
      } catch (error) {
        cause = error;
      }
      const error = malformed('Wrong', frame.length, cause).error as IPCError;
      expect(error.message).toContain(`length ${frame.length}`);
      expect(error.message).not.toContain('s3cret');
      expect(Object.hasOwn(error, 'cause')).toBeFalse();
    }
    const { message } = malformed('Wrong', 9, new SyntaxError('Oh, at position 5')).error as IPCError;
    expect(message).toBe('Wrong; it was dropped (length 9, wrong at position 5).');
  });

  it('is reported with the error of a limit that it exceeds', () => {
    const error = new IPCError('ERR_IPC_TOO_DEEP', 'deep');
    expect(unreadable('Wrong', 5, error).error).toBe(error);
    expect(unreadable('Wrong', 5, new Error('x')).error).toEqual(ipcError('ERR_IPC_DECODE'));
  });

  it('may be a request whose id is any string or number of JSON', () => {
    expect([1, 0, -1, 1.5, 2 ** 60, '', 'a', '1'].every(isPacketId)).toBeTrue();
    const others = [Number.NaN, Number.POSITIVE_INFINITY, 1n, null, undefined, {}, true, [1]];
    expect(others.filter(isPacketId)).toEqual([]);
  });
});
