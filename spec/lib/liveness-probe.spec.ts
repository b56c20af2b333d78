import { closedError, IPCError } from '../../entities/errors.js';
import { PING } from '../../entities/packet.js';
import type { Calls } from '../../lib/conversations/calls.js';
import { isServed, LivenessProbe } from '../../lib/liveness-probe.js';
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

describe('Connections of a client', () => {
  const SERVED = { capabilities: { calls: true }, handshake: { hello: 'optional' } };

  /** A probe whose pings nobody answers, with everything that it does. */
  function make({ handshakeTimeout = 100, sync = false } = {}) {
    const log: string[] = [];
    const calls = {
      ask: () => {
        log.push('ping');
        return Promise.reject(new IPCError('ERR_IPC_TIMEOUT', 'late'));
      },
    };
    const reconnector = { paused: false, failed: ({ code }: IPCError) => log.push(code) };
    const config = { handshakeTimeout, sync };
    const probe = new LivenessProbe({ id: 'world', config, calls, reconnector } as never);
    const peerOf = (more: object = {}) => {
      const destroy = () => log.push('destroy');
      const usual = {
        open: true,
        admitted: true,
        dialect: SERVED,
        stats: { bytesIn: 0 },
        pipe: { packetsIn: 0 },
      };
      return { ...usual, destroy, ...more } as unknown as Peer;
    };
    const settle = async () => {
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      return log.splice(0);
    };
    return { probe, peerOf, settle };
  }

  const DROPPED = ['ping', 'ping', 'destroy', 'ERR_IPC_HANDSHAKE'];

  it('are probed from their beginning once a server has answered, until one turns out not to', async () => {
    const { probe, peerOf, settle } = make();
    probe.began(peerOf());
    expect(await settle()).toEqual([]);
    probe.ended(peerOf({ speaks: false }));
    probe.began(peerOf());
    expect(await settle()).toEqual([]);
    probe.ended(peerOf({ speaks: true }));
    probe.began(peerOf({ pipe: { packetsIn: 1 } }));
    expect(await settle()).toEqual([]);
    probe.began(peerOf());
    expect(await settle()).toEqual(DROPPED);
    probe.began(peerOf());
    expect(await settle()).toEqual([]);
  });

  it('are probed once if a call is not answered and nothing has come', async () => {
    const { probe, peerOf, settle } = make();
    probe.unanswered(undefined);
    for (const more of [
      { admitted: false },
      { pipe: { packetsIn: 1 } },
      { dialect: { ...SERVED, capabilities: { calls: false } } },
      { dialect: { ...SERVED, handshake: { hello: 'required' } } },
    ])
      probe.unanswered(peerOf(more));
    expect(await settle()).toEqual([]);
    probe.unanswered(peerOf());
    expect(await settle()).toEqual(DROPPED);
    probe.unanswered(peerOf());
    expect(await settle()).toEqual([]);
  });

  for (const dialect of [
    { ...SERVED, capabilities: { calls: false } },
    { ...SERVED, handshake: { hello: 'required' } },
  ]) {
    it(`say nothing about pings in a dialect with ${JSON.stringify(dialect)}`, async () => {
      const { probe, peerOf, settle } = make();
      probe.ended(peerOf({ speaks: true, dialect }));
      probe.began(peerOf());
      expect(await settle()).toEqual([]);
    });
  }

  for (const config of [{ handshakeTimeout: 0 }, { sync: true }]) {
    it(`are not probed with ${JSON.stringify(config)}`, async () => {
      const { probe, peerOf, settle } = make(config);
      probe.unanswered(peerOf());
      expect(await settle()).toEqual([]);
    });
  }
});
