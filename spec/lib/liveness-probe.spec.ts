import { closedError, IPCError } from '../../entities/errors.js';
import { PING } from '../../entities/packet.js';
import type { Calls } from '../../lib/conversations/calls.js';
import { isServed } from '../../lib/liveness-probe.js';
import type { Peer } from '../../lib/peer.js';

describe('A liveness probe', () => {
  const late = () => Promise.reject(new IPCError('ERR_IPC_TIMEOUT', 'late'));

  function make(answers: (() => Promise<unknown>)[], { open = true, bytesIn = 0, paused = false } = {}) {
    const asked: unknown[][] = [];
    const calls = {
      ask: (type: string, _data: unknown, timeout: number) => {
        asked.push([type, timeout]);
        return (answers.shift() ?? late)();
      },
    } as unknown as Calls;
    const peer = { open, stats: { bytesIn } } as Peer;
    return { asked, served: isServed(peer, calls, 100, { paused }) };
  }

  it('finds a server that answers a ping', async () => {
    const { asked, served } = make([() => Promise.resolve({})]);
    expect(await served).toBeTrue();
    expect(asked).toEqual([[PING, 50]]);
  });

  it('asks twice, since the answer to the first ping may not have been read yet', async () => {
    const { asked, served } = make([late, () => Promise.resolve({})]);
    expect(await served).toBeTrue();
    expect(asked.length).toBe(2);
  });

  it('finds no server if both pings remain unanswered', async () => {
    const { asked, served } = make([]);
    expect(await served).toBeFalse();
    expect(asked.length).toBe(2);
  });

  for (const [why, state] of [
    ['the server has sent something', { bytesIn: 1 }],
    ['this side does not read', { paused: true }],
    ['the connection has ended', { open: false }],
  ] as const) {
    it(`does not blame a server if ${why}`, async () => {
      const { asked, served } = make([], state);
      expect(await served).toBeTrue();
      expect(asked.length).toBe(1);
    });
  }

  it('leaves other errors than a timeout to the connection', async () => {
    const { served } = make([() => Promise.reject(closedError('world'))]);
    expect(await served).toBeTrue();
  });
});
