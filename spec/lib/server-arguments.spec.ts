import {
  callNotSent,
  checkClose,
  eventNotSent,
  notConnected,
  notResumed,
  stopOptions,
} from '../../lib/server-arguments.js';
import { ipcError } from '../support/errors.js';
import { warningsOf } from '../support/warnings.js';

describe('The arguments of a server’s methods', () => {
  it('that name a disconnected client, or no client, have different errors', () => {
    for (const [client, message] of [
      [{}, 'because the client has disconnected'],
      ['shop', 'which no client has as its id'],
      [5, 'which no client has as its id'],
      [null, 'not a socket'],
    ] as const) {
      expect(eventNotSent('order', client)).toEqual(ipcError('ERR_IPC_DISCONNECTED', message));
      expect(callNotSent('request', 'order', client)).toEqual(ipcError('ERR_IPC_DISCONNECTED', message));
    }
    expect(eventNotSent('order', 'shop').message).toContain('server.emit(socket, type, data)');
    expect(callNotSent('stream', 'ticks', 'shop').message).toContain('server.stream(socket, type, data)');
  });

  it('name a client that is not connected in the log', () => {
    expect(notConnected('shop')).toBe("no client has 'shop' as its id");
    expect(notConnected({})).toBe('the client has disconnected');
  });

  it('of stream cannot include resume', () => {
    expect(notResumed('ticks')).toEqual(ipcError('ERR_IPC_ARGUMENT', 'stream(socket, "ticks", ...)'));
  });

  it('of close are a client and whether it should reconnect', () => {
    for (const client of [{}, 'shop']) expect(() => checkClose(client, true)).not.toThrow();
    for (const nobody of [undefined, null, true, () => {}]) {
      expect(() => checkClose(nobody, false)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'stop() ends the server'));
    }
    expect(() => checkClose({}, 'yes')).toThrow(ipcError('ERR_IPC_ARGUMENT', 'true or false as reconnect'));
  });

  it('of stop are options; arguments that node-ipc ignores are ignored with a warning', async () => {
    const options = { timeout: 5, reconnect: false, reason: 'update' };
    expect(stopOptions(options)).toBe(options);
    expect(() => stopOptions({ timeOut: 5 } as never)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'did you mean timeout?'),
    );
    expect(() => stopOptions({ timeout: -1 })).toThrow(ipcError('ERR_IPC_ARGUMENT', 'timeout'));
    const warnings = await warningsOf(() => {
      for (const other of [undefined, null, 'at once']) expect(stopOptions(other as never)).toEqual({});
    });
    expect(warnings).toEqual([ipcError('ERR_IPC_ARGUMENT', "server.stop() does not read 'at once'")]);
  });
});
