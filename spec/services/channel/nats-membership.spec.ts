import { EventEmitter } from 'node:events';
import { Deadline } from '../../../lib/deadline.js';
import type { Member } from '../../../services/channel/members.js';
import { NatsClient } from '../../../services/channel/nats-client.js';
import { NatsMembership } from '../../../services/channel/nats-membership.js';
import { NatsSubjects } from '../../../services/channel/nats-subjects.js';
import { afterwards } from '../../support/afterwards.js';
import { stopTime } from '../../support/clock.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { NatsServer, withoutNats } from '../../support/nats.js';

/** A heartbeat in milliseconds whose leases do not expire, also if a process is not scheduled for seconds. */
const PATIENT = 2000;
/** The duration of a lease in heartbeats. */
const LEASE = 12;

const subjects = new NatsSubjects('shop');

describe('NatsMembership', () => {
  let server: NatsServer;

  beforeEach(async () => {
    if (withoutNats !== undefined) pending(withoutNats);
    server = await NatsServer.start();
  });

  /** @param heartbeat in milliseconds */
  async function begin(run: string, heartbeat = 50) {
    const client = await NatsClient.connect({ servers: server.url });
    const events = new EventEmitter();
    const options = { client, subjects, run, name: undefined, group: undefined, heartbeat };
    const membership: NatsMembership = await NatsMembership.begin(options, {
      self: () => ({ id: run, number: membership.number, topics: [], version: 0 }),
      known: () => [],
      entered: (members) => events.emit('entered', members),
      joined: (member) => events.emit('joined', member),
      left: (id) => events.emit('left', id),
      subscribed: (subscriptions) => events.emit('subscribed', subscriptions),
      lost: () => events.emit('lost'),
      tick: () => events.emit('tick'),
      contested: fail,
      renumbered: (before, now) => events.emit('renumbered', before, now),
      failed: (error) => events.emit('failed', error),
    });
    afterwards(async () => {
      await membership.leave(new Deadline(1000));
      await membership.release(new Deadline(1000));
    });
    const entered = once<[Member[]]>(events, 'entered');
    membership.enter();
    return { membership, events, client, members: (await entered)[0] };
  }

  it('knows all members, and learns of those that join and leave', async () => {
    const first = await begin('a', PATIENT);
    const joined = once<[Member]>(first.events, 'joined');
    const second = await begin('b', PATIENT);
    expect(second.members.map(({ id }) => id).sort()).toEqual(['a', 'b']);
    expect((await joined)[0].number).toBe(2);
    const left = once(first.events, 'left');
    await second.membership.leave(new Deadline(1000));
    expect(await left).toEqual(['b']);
  });

  it('reports messages that are not announcements, and ignores them', async () => {
    const { client, events } = await begin('a', PATIENT);
    for (const text of [
      '{',
      'null',
      '7',
      '{"member":{"id":7}}',
      '{"member":{"id":"\\u001b[31m","number":-1}}',
    ]) {
      const failed = once(events, 'failed');
      client.connection.publish(subjects.members, text);
      expect(await failed).toEqual([ipcError('ERR_IPC_DECODE', subjects.members)]);
    }
  });

  it('considers a silent member gone, but not while there is no connection', async () => {
    const first = await begin('a');
    const second = await begin('b');
    const left = once(first.events, 'left');
    second.membership.connected(false);
    expect(await left).toEqual(['b']);
    let lost = 0;
    second.events.on('left', () => lost++);
    for (let i = 0; i < 20; i++) await once(first.events, 'tick');
    expect(lost).toBe(0);
  });

  it('does not use its number while it cannot renew the lease, and acquires another if the lease is lost', async () => {
    const first = await begin('a', PATIENT);
    const lost = once(first.events, 'lost');
    first.membership.connected(false);
    await lost;
    expect(first.membership.certain).toBeTrue();
    stopTime()(LEASE * PATIENT);
    expect(first.membership.certain).toBeFalse();
    // The server does the same when the lease expires.
    const bucket = await first.client.bucket(subjects.leases, LEASE * PATIENT);
    await bucket.delete(subjects.number(1));
    const second = await begin('b', PATIENT);
    const renumbered = once(first.events, 'renumbered');
    first.membership.connected(true);
    const [before, now] = await renumbered;
    expect([before, now === 1, first.membership.number === now]).toEqual([1, false, true]);
    expect(second.membership.number).toBe(1);
  });

  it('renews leases as often as the first member of the channel has set', async () => {
    const { client } = await begin('a', 50);
    const { membership, events } = await begin('b', 60_000);
    let ticks = 0;
    events.on('tick', () => ticks++);
    const bucket = await client.bucket(subjects.leases, LEASE * 50);
    const revision = async () => (await bucket.get(subjects.number(membership.number)))?.revision ?? 0;
    for (let before = await revision(), renewals = 0; renewals < 3; ) {
      const now = await revision();
      if (now > before) renewals++;
      before = Math.max(before, now);
    }
    expect([membership.number > 0, ticks]).toEqual([true, 0]);
  });

  it('continues if the server has lost all state', async () => {
    const first = await begin('a');
    const reconnected = reconnection(first.client);
    await server.kill();
    server.empty();
    first.membership.connected(false);
    await server.again();
    await reconnected;
    const entered = once(first.events, 'entered');
    first.membership.connected(true);
    await entered;
    expect([first.membership.number, first.membership.certain]).toEqual([1, true]);
  });
});

async function reconnection({ connection }: NatsClient): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'reconnect') return;
}
