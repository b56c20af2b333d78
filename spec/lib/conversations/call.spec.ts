import { IPCError } from '../../../entities/errors.js';
import { PING } from '../../../entities/packet.js';
import { aborted, Call, copyOf, timedOut } from '../../../lib/conversations/call.js';
import { ipcError } from '../../support/errors.js';

describe('A call', () => {
  const signal = AbortSignal.abort('enough');
  const call = new Call(1, 'add', 1500, 0, { signal, retries: 0, lost: false });

  it('reports on timeout how long it has waited', () => {
    expect(timedOut(call)).toEqual(ipcError('ERR_IPC_TIMEOUT', 'the request add came within 1500 ms'));
  });

  it('reports what it waited for instead, and why that did not come', () => {
    const waited = timedOut(call, { for: 'a connection to world' });
    expect(waited).toEqual(
      ipcError(
        'ERR_IPC_TIMEOUT',
        'The request add waited 1500 ms for a connection to world, and was not answered; is it running?',
      ),
    );
    expect('cause' in waited).toBeFalse();
    const cause = new IPCError('ERR_IPC_CONNECT', 'no socket is there');
    const explained = timedOut(call, { for: 'a connection to world', cause });
    expect(explained.message).toContain('was not answered: no socket is there');
    expect(explained.cause).toBe(cause);
  });

  it('names the method that sent a control packet, which no handler answers', () => {
    const ping = new Call(1, PING, 20, 0, { signal, retries: 0, lost: false });
    expect(timedOut(ping).message).toBe(
      'No answer to ping() came within 20 ms; the other side is busy, or does not answer it. Raise the timeout.',
    );
    expect(timedOut(ping, { for: 'a connection to world' }).message).toMatch(/^ping\(\) waited 20 ms for /);
    expect(aborted(ping).message).toBe('ping() was aborted.');
  });

  it('reports why it was aborted', () => {
    expect(aborted(call)).toEqual(ipcError('ERR_IPC_ABORTED', 'The request add was aborted.'));
    expect(aborted(call).cause).toBe('enough');
  });

  it('is rejected with an error of its own if one error ends many', () => {
    const cause = new Error('reset');
    const error = new IPCError('ERR_IPC_DISCONNECTED', 'gone', { cause });
    const copy = copyOf(error);
    expect(copy).not.toBe(error);
    expect([copy.code, copy.message, copy.cause]).toEqual([error.code, error.message, cause]);
    expect('cause' in copyOf(new IPCError('ERR_IPC_DISCONNECTED', 'gone'))).toBeFalse();
  });
});
