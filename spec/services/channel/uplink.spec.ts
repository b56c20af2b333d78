import { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import { evict, identify } from '../../../lib/transports/socket-file.js';
import { Hub, type Wire } from '../../../services/channel/hub.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import type { Member } from '../../../services/channel/roster.js';
import { Uplink } from '../../../services/channel/uplink.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { serverAt } from '../../support/engines.js';
import { once } from '../../support/events.js';
import { freshDirectory } from '../../support/places.js';

const HEARTBEAT = 20;

describe('Uplink', () => {
  let rendezvous: Rendezvous;

  beforeEach(() => {
    rendezvous = new Rendezvous('shop', freshRendezvous());
    rendezvous.secure();
  });

  /** An uplink, and what it tells as events. */
  function climb(number: number, heartbeat = HEARTBEAT): { uplink: Uplink; events: EventEmitter } {
    const events = new EventEmitter();
    const member: Member = { id: `peer ${number}`, number, topics: [], version: 0 };
    const uplink = new Uplink(rendezvous, engineConfig(settings({})), () => {}, heartbeat, {
      member: () => member,
      known: () => [],
      heard: (type, data) => events.emit(type, data),
      lost: () => events.emit('lost'),
      beat: () => events.emit('beat'),
      failed: (error) => events.emit('failed', error),
    });
    afterwards(() => uplink.close([]));
    return { uplink, events };
  }

  it('becomes the hub where there is none', async () => {
    const { uplink, events } = climb(1);
    const [welcome] = await once<[Wire['welcome']]>(events, 'welcome');
    expect(welcome.hub).toBe(1);
    expect(uplink.hosts).toBeTrue();
  });

  it('goes to the hub that there is', async () => {
    const first = climb(1);
    await once(first.events, 'welcome');
    const second = climb(2);
    const [welcome] = await once<[Wire['welcome']]>(second.events, 'welcome');
    expect(welcome.hub).toBe(1);
    expect([first.uplink.hosts, second.uplink.hosts]).toEqual([true, false]);
  });

  it('makes one hub, of many that come at once', async () => {
    const all = Array.from({ length: 10 }, (_, i) => climb(i + 1));
    const welcomes = await Promise.all(all.map(({ events }) => once<[Wire['welcome']]>(events, 'welcome')));
    expect(new Set(welcomes.map(([{ hub }]) => hub)).size).toBe(1);
    expect(all.filter(({ uplink }) => uplink.hosts).length).toBe(1);
  });

  it('finds or becomes the next hub when the hub ends', async () => {
    const [first, second, third] = [climb(1), climb(2), climb(3)];
    await Promise.all([first, second, third].map(({ events }) => once(events, 'welcome')));
    const hub = [first, second, third].find(({ uplink }) => uplink.hosts) as typeof first;
    const others = [first, second, third].filter((one) => one !== hub);
    const again = others.map(({ events }) => once<[Wire['welcome']]>(events, 'welcome'));
    const lost = others.map(({ events }) => once(events, 'lost'));
    await hub.uplink.close([]);
    await Promise.all(lost);
    const welcomes = await Promise.all(again);
    expect(new Set(welcomes.map(([welcome]) => welcome.hub)).size).toBe(1);
    expect(others.filter(({ uplink }) => uplink.hosts).length).toBe(1);
  });

  it('says nothing while there is no hub', async () => {
    const { uplink, events } = climb(1);
    const ping = { to: 'peer 1', from: 'peer 1', epoch: 1, seq: 1 };
    expect(uplink.tell('receipt', ping)).toBeFalse();
    await once(events, 'welcome');
    expect(uplink.tell('receipt', ping)).toBeTrue();
    const [receipt] = await once(events, 'receipt');
    expect(receipt).toEqual(ping);
  });

  it('beats while there is a hub', async () => {
    const { events } = climb(1);
    let up = false;
    let early = 0;
    events.on('beat', () => {
      if (!up) early++;
    });
    await once(events, 'welcome');
    up = true;
    await once(events, 'beat');
    expect(early).toBe(0);
  });

  it('replaces a hub that does not answer', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(rendezvous.hub, resolve));
    afterwards(() => silent.close());
    const { uplink, events } = climb(2);
    const [welcome] = await once<[Wire['welcome']]>(events, 'welcome');
    expect(welcome.hub).toBe(2);
    expect(uplink.hosts).toBeTrue();
  });

  it('is patient with a hub that leaves two pings unanswered', async () => {
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 7, []);
    afterwards(() => hub.stop());
    const { uplink, events } = climb(1);
    await once(events, 'welcome');
    let lost = false;
    events.on('lost', () => {
      lost = true;
    });
    await once(events, 'beat');
    server.pause();
    await once(events, 'beat');
    await once(events, 'beat');
    server.resume();
    await once(events, 'beat');
    await once(events, 'beat');
    expect([lost, uplink.hosts]).toEqual([false, false]);
  });

  it('makes one hub, of many that replace one', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(rendezvous.hub, resolve));
    afterwards(() => silent.close());
    const all = Array.from({ length: 8 }, (_, i) => climb(i + 1));
    const welcomes = await Promise.all(all.map(({ events }) => once<[Wire['welcome']]>(events, 'welcome')));
    expect(new Set(welcomes.map(([{ hub }]) => hub)).size).toBe(1);
    expect(all.filter(({ uplink }) => uplink.hosts).length).toBe(1);
  });

  it('yields where another has taken its place, and goes there', async () => {
    const { uplink, events } = climb(1);
    await once(events, 'welcome');
    await evict(rendezvous.hub, identify(rendezvous.hub)?.life as string);
    const server = serverAt<Wire>(engineConfig(settings({})), rendezvous.hub);
    await server.start();
    const hub = new Hub(server, rendezvous, 2, []);
    afterwards(() => hub.stop());
    const [welcome] = await once<[Wire['welcome']]>(events, 'welcome');
    expect(welcome.hub).toBe(2);
    expect(uplink.hosts).toBeFalse();
    expect(hub.reachable).toBeTrue();
  });

  it('becomes the hub anew where somebody has removed its socket', async () => {
    const { uplink, events } = climb(1);
    await once(events, 'welcome');
    await evict(rendezvous.hub, identify(rendezvous.hub)?.life as string);
    await once(events, 'welcome');
    expect(uplink.hosts).toBeTrue();
    expect(identify(rendezvous.hub)?.isSocket).toBeTrue();
  });

  it('tells once why it can be no hub, and goes on trying', async () => {
    const directory = freshDirectory();
    rendezvous = new Rendezvous('shop', directory);
    const faults: unknown[] = [];
    const { uplink, events } = climb(1);
    events.on('failed', (error) => faults.push(error));
    const [first] = await once(events, 'failed');
    expect(first).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_ADDRESS' }));
    const { chmodSync } = await import('node:fs');
    chmodSync(directory, 0o700);
    await once(events, 'welcome');
    expect(faults.length).toBe(1);
    expect(uplink.hosts).toBeTrue();
  });

  it('ends also while it looks for a hub', async () => {
    const { uplink } = climb(1);
    await expectAsync(uplink.close([])).toBeResolved();
    expect(identify(rendezvous.hub)).toBeUndefined();
  });
});
