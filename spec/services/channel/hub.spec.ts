import type { Client } from '../../../lib/client.js';
import type { Server } from '../../../lib/server.js';
import { evict, identify } from '../../../lib/transports/socket-file.js';
import { Claim } from '../../../services/channel/claim.js';
import { Hub, type Letter, type Wire } from '../../../services/channel/hub.js';
import { engineConfig, settings } from '../../../services/channel/options.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import type { Member } from '../../../services/channel/roster.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRendezvous } from '../../support/channels.js';
import { clientAt, serverAt } from '../../support/engines.js';
import { once } from '../../support/events.js';

const config = engineConfig(settings({}));

describe('Hub', () => {
  let rendezvous: Rendezvous;
  let server: Server<Wire>;
  let hub: Hub;

  beforeEach(() => {
    rendezvous = new Rendezvous('shop', freshRendezvous());
    rendezvous.secure();
  });

  async function begin(known: Member[] = []): Promise<void> {
    server = serverAt<Wire>(config, rendezvous.hub);
    await server.start();
    hub = new Hub(server, rendezvous, 1, known);
    afterwards(() => hub.stop());
  }

  function connect(): Client<Wire> {
    const client = clientAt<Wire>(config, rendezvous.hub);
    client.connect();
    afterwards(() => client.destroy());
    return client;
  }

  /** A peer that has been let in, and what it was told. */
  async function enter(member: Member, known: Member[] = []) {
    const client = connect();
    client.emit('enter', { member, known });
    const welcome = await hears(client, 'welcome');
    return { client, welcome };
  }

  /** Holds a number, as a process does that lives. */
  async function hold(number: number): Promise<void> {
    const claim = await Claim.take(rendezvous, undefined, config, () => {}, number - 1);
    afterwards(() => claim.release());
    expect(claim.number).toBe(number);
  }

  it('tells a newcomer who is there, and the others of the newcomer', async () => {
    await begin();
    const first = await enter(member('a', 1));
    expect(first.welcome).toEqual({ hub: 1, members: [{ ...member('a', 1), here: true }], gone: [] });
    const joined = hears(first.client, 'joined');
    const second = await enter(member('b', 2));
    expect(second.welcome.members.map(({ id, here }) => [id, here])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect(await joined).toEqual(member('b', 2));
  });

  it('passes letters and receipts to the run that they are for', async () => {
    await begin();
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    const letter: Letter = { to: 'b', from: 'a', number: 1, epoch: 1, seq: 1, body: '{}' };
    a.emit('letter', { ...letter, to: 'nobody' });
    a.emit('letter', letter);
    expect(await hears(b, 'letter')).toEqual(letter);
    const receipt = { to: 'a', from: 'b', epoch: 1, seq: 1 };
    b.emit('receipt', receipt);
    expect(await hears(a, 'receipt')).toEqual(receipt);
  });

  it('tells everybody what a peer listens to', async () => {
    await begin();
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    const listening = { id: 'a', topics: ['news'], version: 1 };
    a.emit('listens', listening);
    a.emit('listens', { ...listening, id: 'nobody' });
    expect(await Promise.all([hears(a, 'listens'), hears(b, 'listens')])).toEqual([listening, listening]);
    const { welcome } = await enter(member('c', 3));
    expect(welcome.members[0]?.topics).toEqual(['news']);
  });

  it('says that a peer is gone that says so itself', async () => {
    await begin();
    await hold(1);
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    const departure = { id: 'a', receipts: [{ to: 'b', from: 'a', epoch: 1, seq: 7 }] };
    a.emit('leave', departure);
    expect(await Promise.all([hears(a, 'left'), hears(b, 'left')])).toEqual([departure, departure]);
  });

  it('lets a peer go only when all that are expected have come to hear of it', async () => {
    await begin([member('c', 3)]);
    await hold(3);
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    const order: string[] = [];
    b.on('joined', ({ id }) => order.push(`${id} joined`)).on('left', ({ id }) => order.push(`${id} left`));
    a.emit('leave', { id: 'a', receipts: [] });
    await a.ping();
    const c = connect();
    const left = hears(c, 'left');
    c.emit('enter', { member: member('c', 3), known: [] });
    expect((await left).id).toBe('a');
    await b.ping();
    expect(order).toEqual(['c joined', 'a left']);
  });

  it('says that a peer is gone whose connection is lost and whose number nobody holds', async () => {
    await begin();
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    a.destroy();
    expect((await hears(b, 'left')).id).toBe('a');
  });

  it('waits for a peer whose connection is lost and who lives', async () => {
    await begin();
    await hold(1);
    const [{ client: a }, { client: b }] = [await enter(member('a', 1)), await enter(member('b', 2))];
    let left = false;
    b.on('left', () => {
      left = true;
    });
    a.destroy();
    const joined = hears(b, 'joined');
    await enter(member('a', 1));
    expect((await joined).id).toBe('a');
    expect(left).toBeFalse();
  });

  it('gives up a peer that lives and does not come', async () => {
    await begin([member('a', 1)]);
    await hold(1);
    const { client, welcome } = await enter(member('b', 2));
    expect(welcome.members[0]).toEqual({ ...member('a', 1), here: false });
    expect((await hears(client, 'left')).id).toBe('a');
  });

  it('hears of peers from those who knew them at the hub before', async () => {
    await begin();
    await hold(1);
    const { welcome } = await enter(member('b', 2), [member('a', 1), member('b', 2)]);
    expect(welcome.members.map(({ id, here }) => [id, here])).toEqual([
      ['b', true],
      ['a', false],
    ]);
  });

  it('does not bring back a peer that is gone', async () => {
    await begin();
    const { client: a } = await enter(member('a', 1));
    const { client: b } = await enter(member('b', 2));
    a.emit('leave', { id: 'a', receipts: [] });
    await hears(b, 'left');
    const { welcome } = await enter(member('c', 3), [member('a', 1)]);
    expect(welcome.members.map(({ id }) => id)).toEqual(['b', 'c']);
    expect(welcome.gone).toEqual([{ id: 'a', receipts: [] }]);
  });

  it("takes a number's new holder for the end of the one before", async () => {
    await begin([member('a', 2)]);
    await hold(1);
    await hold(2);
    const { client } = await enter(member('b', 1));
    const [left, joined] = [hears(client, 'left'), hears(client, 'joined')];
    await enter(member('c', 2));
    expect([(await left).id, (await joined).id]).toEqual(['a', 'c']);
  });

  it('refuses a number whose holder is there', async () => {
    await begin();
    await enter(member('a', 1));
    const rival = connect();
    rival.emit('enter', { member: member('b', 1), known: [] });
    expect(await hears(rival, 'taken')).toBe(1);
  });

  it('lets a number in as soon as the holder before is gone', async () => {
    await begin();
    const { client } = await enter(member('a', 1));
    const next = connect();
    next.emit('enter', { member: member('b', 1), known: [] });
    const welcome = hears(next, 'welcome');
    client.emit('leave', { id: 'a', receipts: [] });
    expect((await welcome).members.map(({ id }) => id)).toEqual(['b']);
  });

  it('takes the last connection of a peer for the true one', async () => {
    await begin();
    const { client: before } = await enter(member('a', 1));
    const lost = once(before, 'disconnect');
    const { client: now } = await enter(member('a', 1));
    await lost;
    const letter: Letter = { to: 'a', from: 'b', number: 2, epoch: 1, seq: 1, body: '{}' };
    const { client: b } = await enter(member('b', 2));
    b.emit('letter', letter);
    expect(await hears(now, 'letter')).toEqual(letter);
  });

  for (const nonsense of [
    null,
    { member: 7 },
    { member: member('a', 0), known: [] },
    { member: member('a', 1) },
  ]) {
    it(`drops who enters with ${JSON.stringify(nonsense)}`, async () => {
      await begin();
      const client = connect();
      client.emit('enter', nonsense as unknown as Wire['enter']);
      await expectAsync(once(client, 'disconnect')).toBeResolved();
    });
  }

  it('drops who says nonsense, and goes on', async () => {
    await begin();
    const { client } = await enter(member('a', 1));
    client.emit('letter', null as unknown as Letter);
    client.emit('leave', { id: 'a' } as Wire['leave']);
    client.emit('listens', { id: 'a', topics: [7], version: 1 } as unknown as Wire['listens']);
    await once(client, 'disconnect');
    expect((await enter(member('b', 2))).welcome.hub).toBe(1);
  });

  it('knows when peers find another in its place', async () => {
    await begin();
    expect(hub.reachable).toBeTrue();
    await evict(rendezvous.hub, identify(rendezvous.hub)?.life as string);
    expect(hub.reachable).toBeFalse();
  });

  it('calls nobody gone who has gone to another in its place', async () => {
    await begin();
    const { client: a } = await enter(member('a', 1));
    const { client: b } = await enter(member('b', 2));
    await evict(rendezvous.hub, identify(rendezvous.hub)?.life as string);
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
  client: Client<Wire>,
  type: Type,
): Promise<Wire[Type]> {
  const [data] = await once<[Wire[Type]]>(client as never, type);
  return data;
}
