import { setTimeout as pause } from 'node:timers/promises';
import { type Config, defaults } from '../../entities/config.js';
import type { IPCError } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import { Admission } from '../../lib/admission.js';
import type { Peer } from '../../lib/peer.js';
import { steadyTime } from '../support/clock.js';
import { ipcError } from '../support/errors.js';
import { once } from '../support/events.js';
import { freshIPC, local } from '../support/instances.js';
import { barePeer } from '../support/peers.js';

/** Frames that cannot be read, by the code of their error. */
const UNREADABLE = {
  ERR_IPC_DECODE: 'x\f',
  ERR_IPC_TOO_DEEP: `{"type":"deep","data":${'['.repeat(501)}${']'.repeat(501)}}\f`,
};

describe('Admission', () => {
  const guarded = (authorize: Config['authorize']) => local.serve({ authorize });

  it('resolves at once if no check is configured', async () => {
    const server = await local.serve();
    const connected = once(server, 'connect');
    await barePeer(server);
    await connected;
    expect(server.sockets.length).toBe(1);
  });

  it('waits for the decision, and delivers nothing before', async () => {
    let admit: (verdict: boolean) => void = () => {};
    const server = await guarded(
      () =>
        new Promise((resolve) => {
          admit = resolve;
        }),
    );
    const log: string[] = [];
    server.on('connect', () => log.push('connect'));
    const heard = once(server, 'message');
    const peer = await barePeer(server);
    peer.emit('ipc:hello', { session: 'a' }).emit('message', 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([log, server.sockets.length]).toEqual([[], 0]);
    admit(true);
    await heard;
    expect(log).toEqual(['connect']);
  });

  it('refuses a hello that cannot be read, such as one with too deep credentials on a port', async () => {
    const failed = jasmine.createSpy();
    const config = { ...defaults(), authorize: () => true };
    const cause = new RangeError('too deep');
    const admission = new Admission(config, {
      greet: () => {
        throw cause;
      },
      admit: () => fail('was admitted'),
      failed,
    });
    const refuse = jasmine.createSpy();
    const peer = { open: true, socket: {}, pipe: { hold: () => {} }, refuse } as unknown as Peer;
    admission.receive({ type: 'ipc:hello', data: {} }, peer);
    await new Promise(setImmediate);
    const reason = 'its hello is invalid: too deep';
    expect(refuse).toHaveBeenCalledOnceWith({ reason, reconnect: false, code: 'ERR_IPC_REFUSED' });
    expect(failed).toHaveBeenCalledOnceWith(ipcError('ERR_IPC_REFUSED', reason), peer);
  });

  it('refuses a client that sends no hello, or a wrong one', async () => {
    const server = await guarded((credentials) => credentials === 'right' || 'wrong');
    const peer = await barePeer(server);
    peer.emit('message', 1);
    await peer.ended();
    const client = freshIPC({ credentials: 'left', maxRetries: 0 }).connectTo('world', server.path);
    await expectAsync(client.ready()).toBeRejected();
    expect(server.sockets.length).toBe(0);
  });

  for (const [what, verdict, reason, said] of [
    ['false', false, '', 'its credentials were not accepted'],
    ['a text', 'wrong', 'wrong', 'refused: wrong.'],
    ['an error', new Error('expired'), 'expired', 'refused: expired.'],
    ['anything else', 1, '', 'its credentials were not accepted'],
  ] as const) {
    it(`refuses for good, and tells both sides why, if authorize returns ${what}`, async () => {
      const server = await guarded(() => verdict as boolean);
      const refused = once<[IPCError]>(server, 'error');
      const peer = await barePeer(server);
      peer.emit('ipc:hello', { credentials: 'x' });
      const [error] = await refused;
      expect([error.code, error.message]).toEqual(['ERR_IPC_REFUSED', jasmine.stringContaining(said)]);
      expect(error.cause).toBeUndefined();
      await peer.ended();
      expect(peer.packets).toEqual([
        { type: 'ipc:bye', data: { reason, reconnect: false, code: 'ERR_IPC_REFUSED' } },
      ]);
    });
  }

  it('reports nothing about a client that has left before the decision', async () => {
    for (const verdict of [true, false, 'wrong']) {
      let asked: () => void = () => {};
      let decide: (verdict: boolean) => void = () => {};
      const wasAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const server = await guarded(() => {
        asked();
        return new Promise((resolve) => {
          decide = resolve;
        });
      });
      const heard: string[] = [];
      for (const type of ['connect', 'disconnect', 'error'] as const) server.on(type, () => heard.push(type));
      const peer = await barePeer(server);
      peer.emit('ipc:hello', {});
      await wasAsked;
      peer.socket.destroy();
      await server.stop();
      decide(verdict as boolean);
      await pause(5);
      expect(heard).toEqual([]);
    }
  });

  it('calls authorize for an empty hello', async () => {
    const asked: unknown[] = [];
    const server = await guarded((credentials) => asked.push(credentials) === 1);
    const connected = once(server, 'connect');
    const peer = await barePeer(server);
    peer.emit('ipc:hello');
    await connected;
    expect(asked).toEqual([undefined]);
  });

  it('has no time limit if config.handshakeTimeout is 0', async () => {
    const server = await local.serve({ authorize: () => true, handshakeTimeout: 0 });
    const peer = await barePeer(server);
    await pause(30);
    const connected = once(server, 'connect');
    peer.emit('ipc:hello', { session: 'a' });
    await connected;
    expect(server.sockets.length).toBe(1);
  });

  describe('if a client may speak one of several dialects', () => {
    const accept = ['json', 'topic'] as const;

    it('admits a silent client, and sends to it', async () => {
      const server = await local.serve({ accept });
      const connected = once(server, 'connect');
      const peer = await barePeer(server);
      await connected;
      server.broadcast('news', 1);
      expect(await peer.receive(1)).toEqual([{ type: 'news', data: 1 }]);
    });

    it('admits a client with its first packet if that shows that it sends no hello', async () => {
      const server = await local.serve({ accept });
      const heard = once(server, 'message');
      (await barePeer(server)).emit('message', 1);
      expect((await heard)[0]).toBe(1);
    });

    it('does not admit a silent client that needs authorization', async () => {
      const server = await local.serve({ accept, authorize: () => true, handshakeTimeout: 400 });
      const refused = once<[IPCError]>(server, 'error');
      const peer = await barePeer(server);
      expect((await refused)[0].message).toContain('no hello within 400 ms');
      await peer.ended();
      expect(server.sockets).toEqual([]);
    });

    for (const authorize of [undefined, () => true]) {
      it(`stops the timeout for the hello once the client is admitted, ${authorize ? 'with' : 'without'} authorize`, async () => {
        steadyTime();
        const server = await local.serve({ accept, handshakeTimeout: 40, authorize });
        const connected = once(server, 'connect');
        const peer = await barePeer(server);
        peer.emit('ipc:hello', { session: 'a' });
        await connected;
        await peer.receive(1);
        await new Promise((resolve) => setTimeout(resolve, 80));
        peer.emit('ipc:ping', {}, { id: 1 });
        expect((await peer.receive(2))[1]?.re).toBe(1);
      });
    }
  });

  it('ends a client that sends more than config.admissionLimit before it is admitted, in whatever pieces', async () => {
    for (const piece of ['{"type":"ipc:hello","data":{"credentials":"', '{}'.repeat(1000), '\f']) {
      const server = await local.serve({ authorize: () => true, admissionLimit: 4096 });
      const refused = once<[IPCError]>(server, 'error');
      const peer = await barePeer(server);
      for (let i = 0; i < 400; i++) peer.socket.write(piece + 'x'.repeat(50));
      const [error] = await refused;
      expect(error.code).toBe('ERR_IPC_REFUSED');
      await peer.ended();
      // A Windows pipe has no half-closed connections: what the client wrote by then is read, and dropped.
      if (process.platform !== 'win32') expect(server.stats().bytesIn).toBeLessThan(400_000);
      expect(server.sockets.length).toBe(0);
    }
  });

  for (const [code, frame] of Object.entries(UNREADABLE)) {
    it(`ends a client at its first frame that is ${code}, and reads nothing after it`, async () => {
      const server = await guarded(() => true);
      const errors: string[] = [];
      server.on('error', (error) => errors.push(error.code));
      const peer = await barePeer(server);
      peer.socket.write(frame.repeat(20));
      await peer.ended();
      expect(errors).toEqual([code, 'ERR_IPC_REFUSED']);
    });
  }

  it('does not count pings as a hello, and answers them only afterwards', async () => {
    const server = await guarded(() => true);
    const peer = await barePeer(server);
    peer.emit('ipc:ping', undefined, { id: 1 });
    const [bye] = await peer.receive(1);
    expect(bye).toEqual(jasmine.objectContaining({ type: 'ipc:bye' }));
    await peer.ended();
  });

  it('lifts the limit once the client is admitted', async () => {
    const server = await local.serve({ authorize: () => true, admissionLimit: 4096 });
    const client = freshIPC({ credentials: 1 }).connectTo('world', server.path);
    const heard = once(server, 'message');
    client.emit('message', 'x'.repeat(100_000));
    expect(await heard).toEqual(['x'.repeat(100_000), jasmine.anything()]);
  });

  const faults: [string, () => unknown][] = [
    [
      'throws an error',
      () => {
        throw new Error('db.internal:5432 is down');
      },
    ],
    [
      'throws a symbol',
      () => {
        throw Symbol('db.internal');
      },
    ],
    [
      'throws an object without a prototype',
      () => {
        throw Object.create(null);
      },
    ],
    ['rejects', () => Promise.reject(new Error('db.internal:5432 is down'))],
  ];
  for (const [what, authorize] of faults) {
    it(`lets a client reconnect, and tells it no reason, if authorize ${what}`, async () => {
      let calls = 0;
      const server = await guarded(() => (++calls === 1 ? (authorize() as boolean) : true));
      const turnedAway = once<[IPCError]>(server, 'error');
      const client = freshIPC({ credentials: 1, retry: 1 }).connectTo('world', server.path);
      const farewell = once<[{ reason: unknown; reconnect: boolean }]>(client, 'disconnect');
      const [error] = await turnedAway;
      expect([error.code, error.message]).toEqual([
        'ERR_IPC_REFUSED',
        jasmine.stringMatching('config.authorize failed'),
      ]);
      const [{ reason, reconnect }] = await farewell;
      expect([reason, reconnect]).toEqual(['the server could not decide; try again later', true]);
      await client.ready();
      expect(calls).toBe(2);
    });
  }

  it('lets a client reconnect if authorize does not decide in time', async () => {
    steadyTime();
    let calls = 0;
    const server = await local.serve({
      handshakeTimeout: 20,
      authorize: () => (++calls === 1 ? new Promise<boolean>(() => {}) : true),
    });
    const turnedAway = once<[IPCError]>(server, 'error');
    const client = freshIPC({ credentials: 1, retry: 1 }).connectTo('world', server.path);
    const [{ message }] = await turnedAway;
    expect(message).toContain('config.authorize did not decide within 20 ms');
    await client.ready();
  });
});

describe('The time that a client has for its hello', () => {
  const refused: unknown[] = [];
  const failures: IPCError[] = [];
  let admitted: number;

  beforeEach(() => {
    jasmine.clock().install();
    admitted = 0;
    refused.length = 0;
    failures.length = 0;
  });
  afterEach(() => jasmine.clock().uninstall());

  function admission(settings: Partial<Config>): Admission {
    return new Admission(
      { ...defaults(), ...settings },
      {
        greet: () => {},
        admit: () => admitted++,
        failed: (error) => failures.push(error),
      },
    );
  }

  function peerWith(hello: 'detect' | 'required' | 'optional' = 'required'): Peer {
    return {
      open: true,
      dialect: { handshake: { hello } },
      pipe: { allow: () => {}, hold: () => {}, release: () => {} },
      refuse(this: { open: boolean }, bye: unknown) {
        this.open = false;
        refused.push(bye);
      },
    } as unknown as Peer;
  }

  const hello: Packet = { type: 'ipc:hello', data: {} };
  const turn = async () => {
    for (let i = 0; i < 5; i++) await undefined;
  };

  it('is config.handshakeTimeout to the millisecond, and unlimited if that is 0', () => {
    admission({ handshakeTimeout: 1 }).opened(peerWith());
    admission({ handshakeTimeout: 0 }).opened(peerWith());
    expect(refused.length).toBe(0);
    jasmine.clock().tick(1);
    jasmine.clock().tick(1_000_000);
    expect(refused.length).toBe(1);
    expect(failures.map(({ message }) => message)).toEqual([
      jasmine.stringContaining('no hello within 1 ms'),
    ]);
  });

  it('is 250 ms for a client that may wait for the server to speak first', () => {
    admission({}).opened(peerWith('detect'));
    jasmine.clock().tick(249);
    expect(admitted).toBe(0);
    jasmine.clock().tick(1);
    expect(admitted).toBe(1);
    const left = peerWith('detect');
    admission({}).opened(left);
    Object.assign(left, { open: false });
    jasmine.clock().tick(250);
    expect(admitted).toBe(1);
  });

  it('begins again when its dialect is known, and stops when the client leaves', () => {
    const here = admission({ handshakeTimeout: 100 });
    const [detected, left] = [peerWith(), peerWith()];
    for (const peer of [detected, left]) here.opened(peer);
    here.leave(left);
    jasmine.clock().tick(60);
    here.opened(detected);
    jasmine.clock().tick(99);
    expect(refused.length).toBe(0);
    jasmine.clock().tick(1);
    expect(refused.length).toBe(1);
  });

  it('stops when the client is admitted', async () => {
    const here = admission({ handshakeTimeout: 100, authorize: () => true });
    const peer = peerWith();
    here.opened(peer);
    here.receive(hello, peer);
    await turn();
    jasmine.clock().tick(1000);
    expect([admitted, refused]).toEqual([1, []]);
  });

  it('has one outcome, whatever follows', async () => {
    let fail: (error: Error) => void = () => {};
    const here = admission({
      handshakeTimeout: 100,
      authorize: () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    });
    const [early, late, silent] = [peerWith(), peerWith(), peerWith()];
    for (const peer of [early, late, silent]) here.opened(peer);
    here.receive(hello, early);
    fail(new Error('early'));
    await turn();
    here.receive(hello, late);
    here.receive({ type: 'message', data: 1 }, silent);
    jasmine.clock().tick(100);
    fail(new Error('late'));
    await turn();
    here.misread(late);
    here.exceeded(silent);
    expect(failures.map(({ message }) => message)).toEqual([
      jasmine.stringContaining('config.authorize failed: early'),
      jasmine.stringContaining('it sent a packet before its hello'),
      jasmine.stringContaining('config.authorize did not decide within 100 ms'),
    ]);
    expect(failures.map((error) => ('cause' in error ? String(error.cause) : ''))).toEqual([
      'Error: early',
      '',
      '',
    ]);
    expect(refused.length).toBe(3);
  });
});

describe('A full server', () => {
  const errorsOf = (emitter: { on(type: 'error', handler: (error: IPCError) => void): unknown }) => {
    const errors: string[] = [];
    emitter.on('error', ({ code }) => errors.push(code));
    return errors;
  };

  for (const settings of [{}, { credentials: 'x' }]) {
    const how = 'credentials' in settings ? 'that says hello' : 'of plain node-ipc';
    it(`reports to itself and to a client ${how}, which keeps its messages until there is room`, async () => {
      const server = await local.serve({ maxConnections: 1 });
      const errors = errorsOf(server);
      const first = await freshIPC().connectTo('world', server.path).ready();
      const client = freshIPC({ retry: 5, ...settings }).connectTo('world', server.path);
      const full = errorsOf(client);
      const heard: unknown[] = [];
      server.on('message', (data) => heard.push(data));
      const all = new Promise<void>((resolve) => server.on('last', () => resolve()));
      client.emit('message', 1);
      let connections = 0;
      client.on('connect', () => client.emit('message', `connection ${++connections}`));
      await once(client, 'disconnect');
      client.emit('message', 2);
      await once(client, 'disconnect');
      expect(full).toContain('ERR_IPC_FULL');
      expect(errors).toContain('ERR_IPC_FULL');
      expect(server.sockets.length).toBe(1);
      await first.close();
      client.emit('last');
      await all;
      const numbered = Array.from({ length: connections }, (_, i) => `connection ${i + 1}`);
      expect(heard.filter((data) => typeof data === 'number')).toEqual([1, 2]);
      expect(heard.filter((data) => typeof data === 'string')).toEqual(numbered);
    });
  }

  it('counts as a failed attempt, so that config.maxRetries applies', async () => {
    const server = await local.serve({ maxConnections: 1 });
    await freshIPC().connectTo('world', server.path).ready();
    const client = freshIPC({ retry: 1, maxRetries: 2 }).connectTo('world', server.path);
    const errors = errorsOf(client);
    client.emit('message', 1);
    await once(client, 'destroy');
    expect(errors).toEqual(['ERR_IPC_FULL', 'ERR_IPC_FULL', 'ERR_IPC_FULL', 'ERR_IPC_UNSENT']);
  });

  it('disconnects a client that reads nothing, and can stop meanwhile', async () => {
    const server = await local.serve({ maxConnections: 1 });
    await freshIPC().connectTo('world', server.path).ready();
    const turnedAway = once(server, 'error');
    const peer = await barePeer(server);
    peer.socket.pause();
    await turnedAway;
    await server.stop({ timeout: 100 });
    peer.socket.resume();
    await peer.ended();
    expect(server.server).toBeFalse();
  });

  it('sets no limit if config.maxConnections is 0', async () => {
    const server = await local.serve({ maxConnections: 0 });
    const clients = await Promise.all(
      Array.from({ length: 120 }, () => freshIPC().connectTo('world', server.path).ready()),
    );
    expect(clients.every(({ connected }) => connected)).toBeTrue();
  });
});

describe('An admitted client', () => {
  for (const [code, frame] of Object.entries(UNREADABLE)) {
    it(`is disconnected for a hundred frames within a minute that are ${code}, and not for fewer`, async () => {
      const server = await local.serve();
      const errors: string[] = [];
      server.on('error', (error) => errors.push(error.code));
      const peer = await barePeer(server);
      const heard = once(server, 'message');
      peer.socket.write(frame.repeat(100));
      peer.emit('message', 1);
      await heard;
      expect(errors.length).toBe(100);
      peer.socket.write(frame.repeat(100));
      await peer.ended();
      expect(errors.slice(100)).toEqual([code, 'ERR_IPC_PROTOCOL']);
    });
  }
});
