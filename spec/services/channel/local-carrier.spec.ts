import type { IPCError } from '../../../entities/errors.js';
import { Deadline } from '../../../lib/deadline.js';
import type { Server } from '../../../lib/server.js';
import type { CarrierEvents, Path } from '../../../services/channel/carrier.js';
import { Incoming } from '../../../services/channel/deduplicator.js';
import { Handles } from '../../../services/channel/handles.js';
import { LocalCarrier } from '../../../services/channel/local-carrier.js';
import type { Member } from '../../../services/channel/members.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { steadyTime } from '../../support/clock.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';

const config = { ...engineConfig(settings({ maxMessageSize: 1000 })), rawBuffer: true };

/** One member: its carrier, and what happens to it. */
interface End {
  readonly member: Member;
  readonly carrier: LocalCarrier;
  readonly server: Server;
  readonly got: string[];
  readonly acknowledged: number[];
  /** The paths by the ids of the members that they lead to. */
  readonly paths: Map<string, Path>;
  readonly strangers: Set<string>;
  /** The errors that the member reported. */
  readonly faults: IPCError[];
  /** Calls what waits for something to be so. */
  until(isSo: () => boolean): Promise<void>;
}

describe('LocalCarrier', () => {
  let rendezvous: Rendezvous;

  beforeEach(() => {
    steadyTime();
    rendezvous = new Rendezvous('shop', freshRendezvous());
    rendezvous.secure();
  });

  async function end(id: string, number: number, idle?: number): Promise<End> {
    const member = { id, number, topics: [], version: 0 };
    const incoming = new Incoming();
    const waiters = new Set<() => void>();
    const happened = () => {
      for (const look of waiters) look();
    };
    const got: string[] = [];
    const acknowledged: number[] = [];
    const paths = new Map<string, Path>();
    const strangers = new Set<string>();
    const faults: IPCError[] = [];
    const told = (act: () => void) => {
      act();
      happened();
    };
    const events: CarrierEvents = {
      self: () => member,
      known: () => undefined,
      met: ({ id }) => !strangers.has(id),
      position: () => ({ epoch: 1, first: 1 + (acknowledged.at(-1) ?? 0) }),
      opened: (id, path) => told(() => paths.set(id, path)),
      closed: (id) => told(() => paths.delete(id)),
      incoming: ({ id, number }, { epoch, first }) => incoming.from(id, number, epoch, first),
      message: (from, _number, body) => told(() => got.push(`${from} ${body}`)),
      acknowledged: (_id, _epoch, seq) => told(() => acknowledged.push(seq)),
      failed: (error) => told(() => faults.push(error)),
    };
    const carrier = new LocalCarrier(
      { rendezvous, config, log: () => {}, handles: new Handles(), idle },
      events,
    );
    const server = serverAt(config, rendezvous.number(number));
    await server.start();
    carrier.serve(server);
    carrier.open();
    afterwards(() => carrier.close(new Deadline(1000)));
    afterwards(() => server.stop({ timeout: 0 }));
    const until = (isSo: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!isSo()) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      });
    return { member, carrier, server, got, acknowledged, paths, strangers, faults, until };
  }

  it('carries messages and acknowledgements over one connection, both ways', async () => {
    const [a, b] = [await end('a', 1), await end('b', 2)];
    a.carrier.dial(b.member);
    await a.until(() => a.paths.has('b'));
    a.paths.get('b')?.send(1, '{"n":1}');
    a.paths.get('b')?.send(2, '{"n":2}');
    await a.until(() => a.acknowledged.at(-1) === 2);
    expect(b.got).toEqual(['a {"n":1}', 'a {"n":2}']);
    b.paths.get('a')?.send(1, '{"n":3}');
    await b.until(() => b.acknowledged.at(-1) === 1);
    expect(a.got).toEqual(['b {"n":3}']);
    expect([a.server.sockets.length, b.server.sockets.length]).toEqual([0, 1]);
  });

  it('closes an idle connection, and connects again for the next message', async () => {
    const [a, b] = [await end('a', 1, 10), await end('b', 2, 10)];
    for (let i = 1; i <= 3; i++) {
      a.carrier.dial(b.member);
      await a.until(() => a.paths.has('b'));
      a.paths.get('b')?.send(i, `{"n":${i}}`);
      await a.until(() => a.acknowledged.at(-1) === i);
      await Promise.all([a.until(() => !a.paths.has('b')), b.until(() => !b.paths.has('a'))]);
    }
    expect(b.got).toEqual(['a {"n":1}', 'a {"n":2}', 'a {"n":3}']);
  });

  it('keeps the connection of the lower number if both dial at once', async () => {
    const [a, b] = [await end('a', 1), await end('b', 2)];
    a.carrier.dial(b.member);
    b.carrier.dial(a.member);
    await Promise.all([a.until(() => a.paths.has('b')), b.until(() => b.paths.has('a'))]);
    for (let i = 1; i <= 50; i++) {
      a.paths.get('b')?.send(i, `{"n":${i}}`);
      await a.until(() => a.acknowledged.at(-1) === i);
    }
    expect([a.server.sockets.length, b.server.sockets.length]).toEqual([0, 1]);
    expect(b.got.length).toBe(50);
  });

  it('sends no message twice to the handlers when a connection is replaced', async () => {
    const [a, b] = [await end('a', 1), await end('b', 2)];
    a.carrier.dial(b.member);
    await a.until(() => a.paths.has('b'));
    const path = a.paths.get('b');
    path?.send(1, '{"n":1}');
    await a.until(() => a.acknowledged.at(-1) === 1);
    path?.send(2, '{"n":2}');
    await b.until(() => b.got.length === 2);
    // Before the acknowledgement is read, the connection ends; the carrier dials again.
    for (const socket of b.server.sockets) socket.destroy();
    await a.until(() => !a.paths.has('b'));
    await a.until(() => a.paths.has('b'));
    const first = 1 + (a.acknowledged.at(-1) ?? 0);
    for (let seq = first; seq <= 3; seq++) a.paths.get('b')?.send(seq, `{"n":${seq}}`);
    await a.until(() => a.acknowledged.at(-1) === 3);
    expect(b.got).toEqual(['a {"n":1}', 'a {"n":2}', 'a {"n":3}']);
  });

  it('delivers what a member sends to itself', async () => {
    const a = await end('a', 1);
    a.carrier.dial(a.member);
    a.paths.get('a')?.send(1, '{"n":1}');
    expect(a.got).toEqual([]);
    await a.until(() => a.acknowledged.at(-1) === 1);
    expect(a.got).toEqual(['a {"n":1}']);
  });

  it('retries a member that does not listen yet, and refuses one that has left', async () => {
    const a = await end('a', 1);
    const member = { id: 'b', number: 2, topics: [], version: 0 };
    a.carrier.dial(member);
    const b = await end('b', 2);
    b.strangers.add('a');
    await a.until(() => a.paths.has('b'));
    await a.until(() => !a.paths.has('b'));
    b.strangers.delete('a');
    await b.until(() => b.paths.has('a'));
    a.paths.get('b')?.send(1, '{"n":1}');
    await b.until(() => b.got.length === 1);
    expect(b.got).toEqual(['a {"n":1}']);
  });

  it('refuses messages for the run that had its number before', async () => {
    const [a, b] = [await end('a', 1), await end('b', 2)];
    a.carrier.dial({ ...b.member, id: 'former b' });
    await a.until(() => a.paths.has('former b'));
    a.paths.get('former b')?.send(1, '{"n":1}');
    await a.until(() => !a.paths.has('former b'));
    expect(b.got).toEqual([]);
    a.carrier.drop('former b', () => {});
  });

  it('delivers what a member sent before it ended, and then reports it as gone', async () => {
    const [a, b] = [await end('a', 1), await end('b', 2)];
    a.carrier.dial(b.member);
    await b.until(() => b.paths.has('a'));
    a.paths.get('b')?.send(1, '{"n":1}');
    const order: string[] = [];
    const gone = new Promise<void>((resolve) => {
      b.carrier.drop('a', () => {
        order.push(...b.got, 'gone');
        resolve();
      });
    });
    void a.carrier.close(new Deadline(1000));
    await gone;
    expect(order).toEqual(['a {"n":1}', 'gone']);
  });

  it('waits only for a limited time for a stopped member', async () => {
    const [a, b] = [await end('a', 1), await end('b', 2)];
    a.carrier.dial(b.member);
    await b.until(() => b.paths.has('a'));
    const ended = a.until(() => !a.paths.has('b'));
    await expectAsync(new Promise<void>((resolve) => b.carrier.drop('a', resolve))).toBeResolved();
    await ended;
    a.carrier.drop('b', () => {});
  });

  it('ends a connection that does not introduce itself', async () => {
    await end('a', 1, 10);
    const stranger = clientAt(config, rendezvous.number(1));
    afterwards(() => stranger.destroy());
    const ended = once(stranger, 'disconnect');
    stranger.connect();
    await expectAsync(ended).toBeResolved();
  });

  const hello = (more: object) =>
    JSON.stringify({
      to: 'a',
      from: { id: 'x', number: 9, topics: [], version: 0 },
      epoch: 1,
      first: 1,
      ...more,
    });
  for (const [what, lines] of [
    ['is not a hello', ['hello\n']],
    ['has no sender', [`${hello({ from: { id: 'x' } })}\n`]],
    ['has no position', [`${hello({ first: 0 })}\n`]],
    ['is neither a message nor an acknowledgement', [`${hello({})}\n`, 'nonsense\n']],
    ['never ends', ['x'.repeat(70_000)]],
  ] as const) {
    it(`reports, and ends only the connection that receives, what ${what}`, async () => {
      const a = await end('a', 1);
      const b = await end('b', 2);
      b.carrier.dial(a.member);
      await b.until(() => b.paths.has('a'));
      const stranger = clientAt(config, rendezvous.number(1));
      const ended = new Promise((resolve) => stranger.on('disconnect', resolve));
      stranger.connect();
      afterwards(() => stranger.destroy());
      for (const line of lines) stranger.emit(line as never);
      await ended;
      stranger.destroy();
      b.paths.get('a')?.send(1, '{"n":1}');
      await b.until(() => b.acknowledged.at(-1) === 1);
      expect(a.got).toEqual(['b {"n":1}']);
      expect([a.faults, b.faults]).toEqual([[ipcError('ERR_IPC_PROTOCOL', rendezvous.number(1))], []]);
    });
  }
});
