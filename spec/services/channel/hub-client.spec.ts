import { EventEmitter } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Config } from '../../../entities/config.js';
import { Deadline } from '../../../lib/deadline.js';
import type { Server } from '../../../lib/server.js';
import { answers, identify } from '../../../lib/transports/socket-file.js';
import { Handles } from '../../../services/channel/handles.js';
import { Hub } from '../../../services/channel/hub.js';
import { HubClient } from '../../../services/channel/hub-client.js';
import type { Wire } from '../../../services/channel/hub-wire.js';
import type { Member } from '../../../services/channel/members.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { resumeTime, steadyTime } from '../../support/clock.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { freshDirectory } from '../../support/places.js';
import { until } from '../../support/warnings.js';

const HEARTBEAT = 20;
/** A busy machine lets nobody miss three of these. */
const SLOW = 1000;

describe('HubClient', () => {
  let rendezvous: Rendezvous;

  beforeEach(() => {
    steadyTime();
    rendezvous = new Rendezvous('shop', freshRendezvous());
    rendezvous.secure();
  });

  /** An client, and what it tells as events. */
  function connect(
    number: number,
    heartbeat = HEARTBEAT,
  ): { client: HubClient; events: EventEmitter; config: Config } {
    const events = new EventEmitter();
    const member: Member = { id: `peer ${number}`, number, topics: [], version: 0 };
    const config = engineConfig(settings({}));
    const options = { rendezvous, config, log: () => {}, heartbeat, handles: new Handles() };
    const client = new HubClient(options, {
      member: () => member,
      known: () => [],
      received: (type, data) => events.emit(type, data),
      lost: () => events.emit('lost'),
      tick: () => events.emit('tick'),
      failed: (error) => events.emit('failed', error),
    });
    afterwards(() => client.close(new Deadline(1000)));
    return { client, events, config };
  }

  /** Starts a hub of the number 7 in place of one that was evicted. */
  async function startHub(): Promise<Server<Wire>> {
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 7, []);
    afterwards(() => hub.stop());
    return server;
  }

  /** Has a hub admit a client and then not answer; counts the client's heartbeats until it replaces the hub. */
  async function heartbeatsUntilLost(events: EventEmitter, server: Server<Wire>): Promise<number> {
    expect((await once<[Wire['welcome']]>(events, 'welcome'))[0].hub).toBe(7);
    server.pause();
    let ticks = 0;
    events.on('tick', () => ticks++);
    await once(events, 'lost');
    server.resume();
    return ticks;
  }

  it('becomes the hub if there is none', async () => {
    const { client, events } = connect(1);
    const [welcome] = await once<[Wire['welcome']]>(events, 'welcome');
    expect(welcome.hub).toBe(1);
    expect(client.hosts).toBeTrue();
  });

  it('connects to an existing hub', async () => {
    const first = connect(1, SLOW);
    await once(first.events, 'welcome');
    const second = connect(2, SLOW);
    const [welcome] = await once<[Wire['welcome']]>(second.events, 'welcome');
    expect(welcome.hub).toBe(1);
    expect([first.client.hosts, second.client.hosts]).toEqual([true, false]);
  });

  it('makes one hub if many start at once', async () => {
    const all = Array.from({ length: 10 }, (_, i) => connect(i + 1, SLOW));
    const welcomes = await Promise.all(all.map(({ events }) => once<[Wire['welcome']]>(events, 'welcome')));
    expect(new Set(welcomes.map(([{ hub }]) => hub)).size).toBe(1);
    expect(all.filter(({ client }) => client.hosts).length).toBe(1);
  });

  it('finds or becomes the next hub when the hub ends', async () => {
    const [first, second, third] = [connect(1, SLOW), connect(2, SLOW), connect(3, SLOW)];
    await Promise.all([first, second, third].map(({ events }) => once(events, 'welcome')));
    const hub = [first, second, third].find(({ client }) => client.hosts) as typeof first;
    const others = [first, second, third].filter((one) => one !== hub);
    const again = others.map(({ events }) => once<[Wire['welcome']]>(events, 'welcome'));
    const lost = others.map(({ events }) => once(events, 'lost'));
    await hub.client.close(new Deadline(1000));
    await Promise.all(lost);
    const welcomes = await Promise.all(again);
    expect(new Set(welcomes.map(([welcome]) => welcome.hub)).size).toBe(1);
    expect(others.filter(({ client }) => client.hosts).length).toBe(1);
  });

  it('sends nothing while there is no hub', async () => {
    const { client, events } = connect(1);
    const subscriptions = { id: 'peer 1', topics: ['news'], version: 1 };
    expect(client.send('subscribed', subscriptions)).toBeFalse();
    await once(events, 'welcome');
    expect(client.send('subscribed', subscriptions)).toBeTrue();
    const [told] = await once(events, 'subscribed');
    expect(told).toEqual(subscriptions);
  });

  it('ticks while there is a hub', async () => {
    const { events } = connect(1);
    let up = false;
    let early = 0;
    events.on('tick', () => {
      if (!up) early++;
    });
    await once(events, 'welcome');
    up = true;
    await once(events, 'tick');
    expect(early).toBe(0);
  });

  it('replaces a hub that does not answer', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(rendezvous.hub, resolve));
    afterwards(() => silent.close());
    const { client, events } = connect(2);
    const [welcome] = await once<[Wire['welcome']]>(events, 'welcome');
    expect(welcome.hub).toBe(2);
    expect(client.hosts).toBeTrue();
  });

  it('does not blame the hub while its own process is too busy to keep its heartbeats', async () => {
    resumeTime();
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 7, []);
    afterwards(() => hub.stop());
    const { events } = connect(1);
    await once(events, 'welcome');
    const life = rendezvous.hubLife;
    server.pause();
    for (let heartbeats = 0; heartbeats < 6; heartbeats++) {
      const busy = performance.now() + 2 * HEARTBEAT;
      while (performance.now() < busy);
      await new Promise(setImmediate);
    }
    expect(rendezvous.hubLife).toBe(life);
    const ticked = once(events, 'tick');
    server.resume();
    await ticked;
    expect(hub.reachable).toBeTrue();
  });

  it('is patient with a hub that leaves two pings unanswered', async () => {
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 7, []);
    afterwards(() => hub.stop());
    const { client, events } = connect(1);
    await once(events, 'welcome');
    let lost = false;
    events.on('lost', () => {
      lost = true;
    });
    await once(events, 'tick');
    server.pause();
    await once(events, 'tick');
    await once(events, 'tick');
    server.resume();
    await once(events, 'tick');
    await once(events, 'tick');
    expect([lost, client.hosts]).toEqual([false, false]);
  });

  it('replaces no hub before the third ping in a row that it leaves unanswered', async () => {
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 7, []);
    afterwards(() => hub.stop());
    const { events } = connect(1, 250);
    await once(events, 'welcome');
    await once(events, 'tick');
    server.pause();
    let ticks = 0;
    events.on('tick', () => ticks++);
    await once(events, 'lost');
    // Late heartbeats, as of a busy machine, do not count.
    expect(ticks).toBeGreaterThanOrEqual(3);
    server.resume();
  });

  it('gives a hub twice the time if the one before was lost soon after it had taken over', async () => {
    const { events } = connect(1, 50);
    await once(events, 'welcome');
    await rendezvous.evictHub(rendezvous.hubLife as string);
    const answering = await startHub();
    expect(await heartbeatsUntilLost(events, answering)).toBeGreaterThanOrEqual(6);
  });

  it('gives a hub twice the time also if the one before has not admitted the member', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(rendezvous.hub, resolve));
    afterwards(() => silent.close());
    const connected = once<[Socket]>(silent, 'connection');
    const { events } = connect(1, 50);
    const [socket] = await connected;
    await rendezvous.evictHub(rendezvous.hubLife as string);
    const answering = await startHub();
    socket.destroy();
    expect(await heartbeatsUntilLost(events, answering)).toBeGreaterThanOrEqual(6);
  });

  it('gives a hub more time if it has many members', async () => {
    const answering = await startHub();
    expect(await heartbeatsUntilLost(connect(48, 50).events, answering)).toBeGreaterThanOrEqual(9);
  });

  it('looks for the hub less often if there are many members', () => {
    expect([connect(8), connect(200)].map(({ config }) => config.retry)).toEqual([
      { min: 1, max: 8 },
      { min: 25, max: 200 },
    ]);
  });

  it('leaves a hub that does not answer as soon as another member has replaced it', async () => {
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 7, []);
    afterwards(() => hub.stop());
    const { events } = connect(1, 50);
    await once(events, 'welcome');
    await rendezvous.evictHub(rendezvous.hubLife as string);
    const other = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await other.start();
    const next = new Hub(other, rendezvous, 8, []);
    afterwards(() => next.stop());
    let ticks = 0;
    events.on('tick', () => ticks++);
    const welcomed = once<[Wire['welcome']]>(events, 'welcome');
    server.pause();
    await once(events, 'lost');
    expect(ticks).toBeLessThan(3);
    expect((await welcomed)[0].hub).toBe(8);
    server.resume();
  });

  it('does not replace a hub that is too busy to answer pings, as long as it says anything', async () => {
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 7, []);
    afterwards(() => hub.stop());
    const { events } = connect(1);
    const entered = once<[unknown, Socket]>(server, 'enter');
    await once(events, 'welcome');
    const [, socket] = await entered;
    const life = rendezvous.hubLife;
    server.pause();
    for (let heartbeats = 0; heartbeats < 8; heartbeats++) {
      const ticked = once(events, 'tick');
      server.emit(socket, 'left', 'somebody');
      await ticked;
    }
    expect(rendezvous.hubLife).toBe(life);
    server.resume();
  });

  it('makes one hub if many replace one', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(rendezvous.hub, resolve));
    afterwards(() => silent.close());
    const all = Array.from({ length: 8 }, (_, i) => connect(i + 1, 100));
    const hubs = new Map<number, number>();
    for (const [i, { events }] of all.entries()) {
      events.on('welcome', ({ hub }) => hubs.set(i, hub));
      events.on('lost', () => hubs.delete(i));
    }
    // On a busy machine that hub may miss three pings as well, and be replaced in its turn.
    await until(() => hubs.size === all.length && new Set(hubs.values()).size === 1 && hosting(all) === 1);
    expect(hosting(all)).toBe(1);
  });

  it('yields if another hub has taken its place, and connects to that', async () => {
    const { client, events } = connect(1);
    await once(events, 'welcome');
    await rendezvous.evictHub(rendezvous.hubLife as string);
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 2, []);
    afterwards(() => hub.stop());
    const [welcome] = await once<[Wire['welcome']]>(events, 'welcome');
    expect(welcome.hub).toBe(2);
    expect(client.hosts).toBeFalse();
    expect(hub.reachable).toBeTrue();
  });

  it('becomes the hub again if its socket was removed', async () => {
    const { client, events } = connect(1);
    await once(events, 'welcome');
    await rendezvous.evictHub(rendezvous.hubLife as string);
    await once(events, 'welcome');
    expect(client.hosts).toBeTrue();
    expect(await answers(rendezvous.hub)).toBeTrue();
  });

  it('reports once why it cannot become the hub, and keeps trying', async () => {
    if (process.platform === 'win32') return pending('Windows has no owners and modes');
    const directory = freshDirectory();
    rendezvous = new Rendezvous('shop', directory);
    const faults: unknown[] = [];
    const { client, events } = connect(1);
    events.on('failed', (error) => faults.push(error));
    const [first] = await once(events, 'failed');
    expect(first).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_ADDRESS' }));
    const { chmodSync } = await import('node:fs');
    chmodSync(directory, 0o700);
    await once(events, 'welcome');
    expect(faults.length).toBe(1);
    expect(client.hosts).toBeTrue();
  });

  it('reports invalid data that a process sends to the hub of its member', async () => {
    const { events } = connect(1, SLOW);
    await once(events, 'welcome');
    const failed = once<[Error]>(events, 'failed');
    const stranger = clientAt({ ...engineConfig(settings({})), rawBuffer: true }, rendezvous.hub);
    afterwards(() => stranger.destroy());
    stranger.connect().emit('nonsense\f' as never);
    expect(await failed).toEqual([ipcError('ERR_IPC_PROTOCOL', rendezvous.hub)]);
  });

  it('reports invalid packets of the hub once, ignores them, and continues', async () => {
    const server = serverAt<Record<keyof Wire, never>>(engineConfig(settings({})), rendezvous.hub);
    const invalid = [
      ['welcome', { hub: 7 }],
      ['welcome', null],
      ['taken', 'yours'],
    ] as const;
    const valid = { hub: 7, members: [] };
    server.on('enter', (_entry, socket) => {
      for (const [type, data] of invalid) server.emit(socket, type, data as never);
      server.emit(socket, 'welcome', valid as never);
      for (const type of ['joined', 'left', 'subscribed'] as const) server.emit(socket, type, [] as never);
      server.emit(socket, 'left', 'a' as never);
    });
    server.on('leave', (id, socket) => void server.emit(socket, 'left', id));
    await server.start();
    afterwards(() => server.stop({ timeout: 0 }));
    const { events } = connect(1, SLOW);
    const faults: Error[] = [];
    const received: unknown[] = [];
    events.on('failed', (error) => faults.push(error));
    for (const type of ['welcome', 'taken', 'joined', 'subscribed'])
      events.on(type, (data) => received.push([type, data]));
    expect(await once(events, 'left')).toEqual(['a']);
    expect(received).toEqual([['welcome', valid]]);
    expect(faults.map(({ message }) => message.match(/packet '(\w+)'/)?.[1])).toEqual([
      'welcome',
      'taken',
      'joined',
      'left',
      'subscribed',
    ]);
    expect(faults[0]).toEqual(ipcError('ERR_IPC_PROTOCOL', 'Run the same version in all members'));
  });

  it('can be ended while it looks for a hub', async () => {
    const { client } = connect(1);
    await expectAsync(client.close(new Deadline(1000))).toBeResolved();
    expect(identify(rendezvous.hub)).toBeUndefined();
  });
});

function hosting(all: readonly { client: HubClient }[]): number {
  return all.filter(({ client }) => client.hosts).length;
}
