import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import { Deadline } from '../../../lib/deadline.js';
import type { Server } from '../../../lib/server.js';
import { Handles } from '../../../services/channel/handles.js';
import type { Wire } from '../../../services/channel/hub-wire.js';
import { LocalMembership } from '../../../services/channel/local-membership.js';
import type { Member } from '../../../services/channel/members.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { serverAt } from '../../support/engines.js';
import { once } from '../../support/events.js';

const config = engineConfig(settings({}));

describe('LocalMembership', () => {
  let rendezvous: Rendezvous;

  beforeEach(() => {
    rendezvous = new Rendezvous('shop', freshRendezvous());
  });

  /** A membership, what it tells as events, and the servers it has had. */
  async function begin(id: string) {
    const events = new EventEmitter();
    const servers: Server[] = [];
    const options = {
      rendezvous,
      name: undefined,
      heartbeat: 50,
      hubConfig: config,
      memberConfig: config,
      log: () => {},
      handles: new Handles(),
      listening: (server: Server) => servers.push(server),
    };
    const membership: LocalMembership = await LocalMembership.begin(options, {
      self: () => ({ id, number: membership.number, topics: [], version: 0 }),
      known: () => [],
      entered: (members, hub) => events.emit('entered', members, hub),
      joined: (member) => events.emit('joined', member),
      left: (member) => events.emit('left', member),
      subscribed: (subscriptions) => events.emit('subscribed', subscriptions),
      lost: () => events.emit('lost'),
      tick: () => {},
      contested: (number) => events.emit('contested', number),
      renumbered: fail,
      failed: fail,
    });
    afterwards(async () => {
      await membership.leave(new Deadline(1000));
      await membership.release(new Deadline(1000));
    });
    membership.enter();
    const [members, hub] = await once<[Member[], number]>(events, 'entered');
    return { membership, events, servers, members, hub };
  }

  it('enters with the present members, and reports those that join and leave', async () => {
    const first = await begin('a');
    const joined = once<[Member]>(first.events, 'joined');
    const second = await begin('b');
    expect(second.members.map(({ id }) => id)).toEqual(['a', 'b']);
    expect([(await joined)[0].id, second.hub]).toEqual(['b', 1]);
    const told = once(second.events, 'subscribed');
    first.membership.subscribe({ id: 'a', topics: ['news'], version: 1 });
    expect(await told).toEqual([{ id: 'a', topics: ['news'], version: 1 }]);
    const left = once(first.events, 'left');
    await second.membership.leave(new Deadline(1000));
    expect(await left).toEqual(['b']);
  });

  it('takes one other number, however often and for whatever numbers a hub says that it is taken', async () => {
    rendezvous.secure();
    const hub = serverAt<Record<keyof Wire, never>>(config, rendezvous.hub);
    let entered = 0;
    hub.on('enter', (entry, socket) => {
      const { member } = entry as Wire['enter'];
      if (entered++ === 0) for (const number of [7, 1, 1, 1]) hub.emit(socket, 'taken', number as never);
      else hub.emit(socket, 'welcome', { hub: 9, members: [member] } as never);
    });
    hub.on('leave', (id, socket) => void hub.emit(socket, 'left', id));
    await hub.start();
    afterwards(() => hub.stop({ timeout: 0 }));
    const { membership, servers } = await begin('a');
    expect([membership.number, servers.length, entered]).toEqual([2, 2, 2]);
  });

  it('keeps its number if a hub says that another one is taken', async () => {
    rendezvous.secure();
    const hub = serverAt<Record<keyof Wire, never>>(config, rendezvous.hub);
    hub.on('enter', (entry, socket) => {
      const { member } = entry as Wire['enter'];
      hub.emit(socket, 'taken', 7 as never);
      hub.emit(socket, 'welcome', { hub: 9, members: [member] } as never);
    });
    hub.on('leave', (id, socket) => void hub.emit(socket, 'left', id));
    await hub.start();
    afterwards(() => hub.stop({ timeout: 0 }));
    const [first, second] = [await begin('a'), await begin('b')];
    expect([first.membership.number, second.membership.number]).toEqual([1, 2]);
  });

  it('listens on the socket of another number if the first belongs to a living member', async () => {
    if (process.platform === 'win32') return pending('A Windows pipe cannot be removed');
    await begin('a');
    rmSync(rendezvous.number(1));
    const second = await begin('b');
    expect([second.membership.number, second.servers.map(({ path }) => path)]).toEqual([
      2,
      [rendezvous.number(1), rendezvous.number(2)],
    ]);
  });
});
