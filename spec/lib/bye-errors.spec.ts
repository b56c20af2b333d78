import type { CloseInfo } from '../../entities/packet.js';
import { endedError, byeError as errorOf } from '../../lib/bye-errors.js';
import { ipcError } from '../support/errors.js';

describe('The error of a server’s bye', () => {
  const byeError = (bye: Partial<CloseInfo>, id: string) =>
    errorOf({ reason: undefined, reconnect: true, ...bye }, id);

  it('says why the server refused the client, or that it gave no reason', () => {
    expect(byeError({ code: 'ERR_IPC_REFUSED', reason: 'wrong token' }, 'world')).toEqual(
      ipcError('ERR_IPC_REFUSED', 'The server refused world: wrong token; check config.credentials.'),
    );
    for (const reason of ['', undefined, { token: 1 }]) {
      expect(byeError({ code: 'ERR_IPC_REFUSED', reason }, 'world')?.message).toContain('no reason given');
    }
  });

  it('says that the server is full', () => {
    expect(byeError({ code: 'ERR_IPC_FULL' }, 'world')).toEqual(ipcError('ERR_IPC_FULL', 'world is full'));
  });

  it('has the code of the fault for which the server blames the client', () => {
    for (const code of ['ERR_IPC_OVERLOADED', 'ERR_IPC_TIMEOUT', 'ERR_IPC_TOO_LARGE'] as const) {
      const error = byeError({ code, reason: 'too much' }, 'world');
      expect(error).toEqual(ipcError(code, 'ended the connection of world: too much.'));
    }
  });

  it('is undefined for a bye without a code, or with one that a server may not choose', () => {
    expect(byeError({ reason: 'restart' }, 'world')).toBeUndefined();
    for (const code of ['ERR_IPC_CLOSED', 'EVIL', '__proto__']) {
      expect(byeError({ code, reason: 'restart' }, 'world')).toBeUndefined();
    }
  });

  it('shows an escaped reason that is cut off', () => {
    const { message } = byeError(
      { code: 'ERR_IPC_REFUSED', reason: `\u001b[31m${'x'.repeat(2000)}` },
      'world',
    ) as Error;
    expect(message).not.toContain('\u001b');
    expect(message.length).toBeLessThan(1200);
  });

  it('has the reason of a server that only ends the connection', () => {
    expect(endedError({ reason: 'restart', reconnect: true }, 'world')).toEqual(
      ipcError('ERR_IPC_DISCONNECTED', 'The server ended the connection of world: restart.'),
    );
  });
});
