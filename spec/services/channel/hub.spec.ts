import type { Client } from '../../../lib/client.js';
import type { Server } from '../../../lib/server.js';
import { Handles } from '../../../services/channel/handles.js';
import { Hub } from '../../../services/channel/hub.js';
import type { HubContract, Wire } from '../../../services/channel/hub-wire.js';
import type { Member } from '../../../services/channel/members.js';
import { NumberLease } from '../../../services/channel/number-lease.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';

import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';

const config = engineConfig(settings({}));

describe('Hub', () => {
  let rendezvous: Rendezvous;
  let server: Server<HubContract>;
  let hub: Hub;

  beforeEach(() => {
    rendezvous = new Rendezvous('shop', freshRendezvous());
    rendezvous.secure();
  });

  async function begin(known: Member[] = [], patience?: number[]): Promise<void> {
    server = serverAt<HubContract>(config, rendezvous.hub);
    await server.start();
    hub = new Hub(server, rendezvous, 1, known, patience);
    afterwards(() => hub.stop());
  }

  function connect(): Client<HubContract> {
    const client = clientAt<HubContract>(config, rendezvous.hub);
    client.connect();
    afterwards(() => client.destroy());
    return client;
  }

  /** A member that has been let in, and what it was told. */
  async function enter(member: Member, known: Member[] = []) {
    const client = connect();
    client.emit('enter', { member, known });
    const welcome = await hears(client, 'welcome');
    return { client, welcome };
  }

  /** Holds a number, as a process does that lives. */
  async function hold(number: number): Promise<void> {
    const lease = await NumberLease.take({
      rendezvous,
      name: undefined,
      memberConfig: config,
      log: () => {},
      handles: new Handles(),
      above: number - 1,
    });
    afterwards(() => lease.release());
    expect(lease.number).toBe(number);
  }

  it('sends a new member the list of members, and reports it to the others', async () => {
    await begin();
    const first = await enter(member('a', 1));
    expect(first.welcome).toEqual({ hub: 1, members: [member('a', 1)] });
    const joined = hears(first.client, 'joined');
    const second = await enter(member('b', 2));
    expect(second.welcome.members.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(await joined).toEqual(member('b', 2));
  });

  it('reports to all members what a member listens to', async () => {
    await begin();
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    const subscriptions = { id: 'a', topics: ['news'], version: 1 };
    a.emit('subscribed', subscriptions);
    a.emit('subscribed', { ...subscriptions, id: 'nobody' });
    expect(await Promise.all([hears(a, 'subscribed'), hears(b, 'subscribed')])).toEqual([
      subscriptions,
      subscriptions,
    ]);
    const { welcome } = await enter(member('c', 3));
    expect(welcome.members[0]?.topics).toEqual(['news']);
  });

  it('reports a member as gone if it says so itself', async () => {
    await begin();
    await hold(1);
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    a.emit('leave', 'a');
    expect(await Promise.all([hears(a, 'left'), hears(b, 'left')])).toEqual(['a', 'a']);
  });

  it('reports a member as gone if its connection is lost and its number is not held', async () => {
    await begin();
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    a.destroy();
    expect(await hears(b, 'left')).toBe('a');
  });

  it('waits for a member if its connection is lost and its process runs', async () => {
    await begin();
    await hold(1);
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    let left = false;
    b.on('left', () => {
      left = true;
    });
    const lost = once(server, 'disconnect');
    a.destroy();
    await lost;
    await enter(member('a', 1));
    await b.ping();
    expect(left).toBeFalse();
  });

  it('gives up a member that runs and does not reconnect', async () => {
    await hold(1);
    // In many short steps, since a process that is not scheduled for a while misses only one of them.
    await begin([member('a', 1)], Array(50).fill(20));
    const { client, welcome } = await enter(member('b', 2));
    expect(welcome.members[0]).toEqual(member('a', 1));
    expect(await hears(client, 'left')).toBe('a');
  });

  it('has more patience than a busy machine needs to connect a member that runs', async () => {
    await hold(1);
    await begin([member('a', 1)]);
    const { client } = await enter(member('b', 2));
    let left = false;
    client.on('left', () => {
      left = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await client.ping();
    expect(left).toBeFalse();
  });

  it('learns of members from those that knew them at the previous hub', async () => {
    await begin();
    await hold(1);
    const { welcome } = await enter(member('b', 2), [member('a', 1), member('b', 2)]);
    expect(welcome.members.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it('does not bring back a member that is gone', async () => {
    await begin();
    const { client: a } = await enter(member('a', 1));
    const { client: b } = await enter(member('b', 2));
    a.emit('leave', 'a');
    await hears(b, 'left');
    const { welcome } = await enter(member('c', 3), [member('a', 1)]);
    expect(welcome.members.map(({ id }) => id)).toEqual(['b', 'c']);
  });

  it('treats a new holder of a number as the end of the previous one', async () => {
    await begin([member('a', 2)]);
    await hold(1);
    await hold(2);
    const { client } = await enter(member('b', 1));
    const [left, joined] = [hears(client, 'left'), hears(client, 'joined')];
    await enter(member('c', 2));
    expect([await left, (await joined).id]).toEqual(['a', 'c']);
  });

  it('refuses a number whose holder is connected', async () => {
    await begin();
    await enter(member('a', 1));
    const rival = connect();
    rival.emit('enter', { member: member('b', 1), known: [] });
    expect(await hears(rival, 'taken')).toBe(1);
  });

  it('admits a number as soon as the previous holder is gone', async () => {
    await begin();
    const { client } = await enter(member('a', 1));
    const next = connect();
    next.emit('enter', { member: member('b', 1), known: [] });
    const welcome = hears(next, 'welcome');
    client.emit('leave', 'a');
    expect((await welcome).members.map(({ id }) => id)).toEqual(['b']);
  });

  it('uses the latest connection of a member', async () => {
    await begin();
    const { client: before } = await enter(member('a', 1));
    const lost = once(before, 'disconnect');
    const { client: now } = await enter(member('a', 1));
    await lost;
    const joined = hears(now, 'joined');
    await enter(member('b', 2));
    expect((await joined).id).toBe('b');
  });

  for (const nonsense of [
    null,
    { member: 7 },
    { member: member('a', 0), known: [] },
    { member: member('a', 1) },
  ]) {
    it(`disconnects a member that enters with ${JSON.stringify(nonsense)}`, async () => {
      await begin();
      const client = connect();
      client.emit('enter', nonsense as unknown as Wire['enter']);
      await expectAsync(once(client, 'disconnect')).toBeResolved();
    });
  }

  it('admits one member on a connection, and reports another one', async () => {
    await begin();
    const { client } = await enter(member('a', 1));
    const error = once(server as never, 'error');
    const ended = once(client, 'disconnect');
    client.emit('enter', { member: member('b', 2), known: [] });
    expect(await error).toEqual([ipcError('ERR_IPC_PROTOCOL', 'two members on one connection')]);
    await ended;
  });

  it('disconnects a member that violates the protocol, and continues', async () => {
    await begin();
    const { client } = await enter(member('a', 1));
    client.emit('leave', { id: 'a' } as unknown as Wire['leave']);
    client.emit('subscribed', { id: 'a', topics: [7], version: 1 } as unknown as Wire['subscribed']);
    await once(client, 'disconnect');
    expect((await enter(member('b', 2))).welcome.hub).toBe(1);
  });

  it('reports a member once, however often it enters', async () => {
    await begin([member('c', 3)]);
    await hold(3);
    const { client: a } = await enter(member('a', 1));
    const told: string[] = [];
    a.on('joined', ({ id }) => told.push(id));
    await enter(member('c', 3), [member('d', 4)]);
    await enter(member('c', 3));
    await a.ping();
    expect(told).toEqual(['d']);
  });

  it('disconnects a member that does not read, so that it enters again', async () => {
    server = serverAt<HubContract>({ ...config, maxPendingBytes: 200_000 }, rendezvous.hub);
    await server.start();
    hub = new Hub(server, rendezvous, 1, []);
    afterwards(() => hub.stop());
    const { client: slow } = await enter(member('slow', 1));
    const { client: busy } = await enter(member('busy', 2));
    slow.pause();
    const lost = once(server, 'disconnect');
    const topics = Array.from({ length: 500 }, (_, i) => `${'x'.repeat(100)}.${i}`);
    let version = 0;
    const flood = setInterval(() => busy.emit('subscribed', { id: 'busy', topics, version: ++version }), 1);
    afterwards(() => clearInterval(flood));
    await expectAsync(lost).toBeResolved();
  });

  it('tells a client that has not entered the numbers of the connected members', async () => {
    await hold(1);
    await begin([member('expected', 1)]);
    const { client: b } = await enter(member('b', 2));
    await enter(member('c', 3));
    const stranger = connect();
    await stranger.ready();
    expect(await stranger.request('numbers')).toEqual([2, 3]);
    const gone = hears(b, 'left');
    b.emit('leave', 'c');
    await gone;
    expect(await stranger.request('numbers')).toEqual([2]);
  });

  it('notices when members will find another hub in its place', async () => {
    await begin();
    expect(hub.reachable).toBeTrue();
    await rendezvous.evictHub(rendezvous.hubLife as string);
    expect(hub.reachable).toBeFalse();
  });

  it('does not report members as gone that have moved to another hub', async () => {
    await begin();
    const { client: a } = await enter(member('a', 1));
    const { client: b } = await enter(member('b', 2));
    await rendezvous.evictHub(rendezvous.hubLife as string);
    let left = false;
    b.on('left', () => {
      left = true;
    });
    const lost = once(server, 'disconnect');
    a.destroy();
    await lost;
    for (let i = 0; i < 20; i++) await b.ping();
    expect(left).toBeFalse();
  });
});

function member(id: string, number: number): Member {
  return { id, number, topics: [], version: 0 };
}

async function hears<Type extends keyof Wire & string>(
  client: Client<HubContract>,
  type: Type,
): Promise<Wire[Type]> {
  const [data] = await once<[Wire[Type]]>(client as never, type);
  return data;
}
