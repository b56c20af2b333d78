import type { Channel, ChannelOptions, Undelivered } from '../../../services/channel/index.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { bareNats, NatsServer, natsChannel, withoutNats } from '../../support/nats.js';
import { type Program, start } from '../../support/processes.js';

describe('A channel over NATS', () => {
  let server: NatsServer;

  beforeEach(async () => {
    if (withoutNats !== undefined) pending(withoutNats);
    server = await NatsServer.start();
  });

  /** So many channels that know each other, with the numbers from 1. */
  async function open(count: number, options: ChannelOptions = {}): Promise<Channel[]> {
    const channels: Channel[] = [];
    for (let i = 0; i < count; i++) channels.push(await natsChannel(server, options).ready());
    await Promise.all(channels.map((channel) => hasPeers(channel, count)));
    return channels;
  }

  it('numbers its members, and reports those that join and leave', async () => {
    const [first, second] = (await open(2)) as [Channel, Channel];
    expect([first.pid, second.pid, first.connected, first.hub]).toEqual([1, 2, true, undefined]);
    const joined = once(first, 'join');
    const billing = await natsChannel(server, { peer: 'billing' }).ready();
    expect((await joined).slice(0, 2)).toEqual([3, 'billing']);
    const left = once(first, 'leave');
    await billing.close();
    expect((await left).slice(0, 2)).toEqual([3, 'billing']);
    expect(first.peers).toEqual([1, 2]);
    expect((await natsChannel(server).ready()).pid).toBe(4);
    expect((await natsChannel(server, { peer: 'billing' }).ready()).pid).toBe(3);
  });

  it('allows one holder of a name', async () => {
    await natsChannel(server, { peer: 'billing' }).ready();
    const second = natsChannel(server, { peer: 'billing' }).on('error', () => {});
    await expectAsync(second.ready()).toBeRejectedWith(ipcError('ERR_IPC_IN_USE', '"billing"'));
  });

  it('carries messages in order, and requests, to others and to itself', async () => {
    // The leases outlive the server's absence, also on a busy machine.
    const [first, second] = (await open(2, { heartbeat: 1000 })) as [Channel, Channel];
    const numbers: number[] = [];
    second.on('message', (_sender, i) => numbers.push(i));
    second.handle('add', ([one, other]: [number, number], sender) => [one + other, sender]);
    for (let i = 0; i < 10_000; i++) first.to(2).send(i);
    await first.to(2).deliver('message', 10_000);
    expect(numbers).toEqual(Array.from({ length: 10_001 }, (_, i) => i));
    expect(await first.to(2).request('add', [1, 2])).toEqual([3, 1]);
    expect(await second.to(2).request('add', [1, 2])).toEqual([3, 2]);
  });

  it('carries messages that exceed the limit of NATS', async () => {
    const [first, second] = (await open(2)) as [Channel, Channel];
    const text = 'ü\u{1f600}"'.repeat(700_000);
    second.handle('echo', (data: string) => data);
    expect((await first.to(2).request('echo', text)) === text).toBeTrue();
  });

  it('shares work in groups, and keeps messages for absent members', async () => {
    const [boss] = (await open(1)) as [Channel];
    const answer = boss.to('group:resize').request('resize');
    const worker = natsChannel(server, { group: 'resize' });
    worker.handle('resize', () => 'done');
    await worker.ready();
    expect(await answer).toBe('done');
    boss.to('billing').send('before it comes');
    const billing = natsChannel(server, { peer: 'billing' });
    const message = once(billing, 'message');
    expect(await message).toEqual([1, 'before it comes']);
  });

  it('reports messages whose receivers never join', async () => {
    const channel = await natsChannel(server, { absenceTimeout: 200 }).ready();
    const undelivered = once<[Undelivered]>(channel, 'undelivered');
    channel.to(9).send('hello');
    expect((await undelivered)[0].error).toEqual(ipcError('ERR_IPC_UNDELIVERED'));
  });

  it('reports processes that were killed, frees their numbers, and gives a name to the next process that has it', async () => {
    // A lease that a busy machine can renew in time.
    const options = { heartbeat: 250, absenceTimeout: 60_000 };
    const [first] = (await open(1, options)) as [Channel];
    const startPeer = (peer?: string) =>
      start('spec/fixtures/channel/nats-peer.ts', [server.url, JSON.stringify({ ...options, peer })]);
    const up = async (program: Program) => Number((await program.waitForLine(/^up (\d+)/))[1]);
    const nameless = startPeer();
    expect(await up(nameless)).toBe(2);
    const billing = startPeer('billing');
    expect(await up(billing)).toBe(3);
    await hasPeers(first, 3);
    const left = new Set<number>();
    first.on('leave', (number) => left.add(number));
    await Promise.all([nameless.kill(), billing.kill()]);
    // The name and the number are leased to a process that has just ended.
    const next = startPeer('billing');
    const answer = first.to('billing').request('double', 21, { timeout: 0 });
    expect(await up(next)).toBe(3);
    expect(await answer).toBe(42);
    while (left.size < 2) await once(first, 'leave');
    expect([...left].sort()).toEqual([2, 3]);
    expect(await up(startPeer())).toBe(2);
    expect(await first.to(2).request('double', 21)).toBe(42);
  });

  it('loses, repeats and reorders nothing while the server is killed and started again', async () => {
    // The leases outlive the server's absence, also on a busy machine.
    const [first, second] = (await open(2, { heartbeat: 1000 })) as [Channel, Channel];
    const numbers: number[] = [];
    second.on('message', (_sender, i) => numbers.push(i));
    let sent = 0;
    const send = () => {
      for (let i = 0; i < 20; i++) first.to(2).send(sent++);
    };
    const timer = setInterval(send, 5);
    for (let round = 0; round < 2; round++) {
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
      await server.kill();
      send();
      await server.again();
    }
    await second.ready();
    clearInterval(timer);
    await first.to(2).deliver('message', sent++);
    expect(numbers).toEqual(Array.from({ length: sent }, (_, i) => i));
    expect([first.pid, second.pid]).toEqual([1, 2]);
  });

  it('exchanges topics with programs that use only a NATS client', async () => {
    const [first, second] = (await open(2)) as [Channel, Channel];
    const bare = await bareNats(server);
    const heard: unknown[] = [];
    const got = new Promise<void>((resolve) => {
      bare.subscribe('omni-ipc.peers.topic.news.>', {
        callback: (_error, message) => {
          heard.push([message.subject, message.string()]);
          resolve();
        },
      });
    });
    await bare.flush();
    const told: unknown[] = [];
    let all: () => void = () => {};
    const last = new Promise<void>((resolve) => {
      all = resolve;
    });
    await second.subscribe('news.*', (data, topic) => told.push(['*', topic, data]));
    await second.subscribe('news.>', (data, topic) => told.push(['>', topic, data]));
    await second.subscribe('last', () => all());
    // What comes after the announcement shows that the other has read that.
    await second.to(1).deliver('message');
    first.publish('news.sports', { score: '3:1' });
    await got;
    await first.to(2).deliver('message');
    expect(heard).toEqual([['omni-ipc.peers.topic.news.sports', '{"score":"3:1"}']]);
    expect(told.splice(0).sort()).toEqual([
      ['*', 'news.sports', { score: '3:1' }],
      ['>', 'news.sports', { score: '3:1' }],
    ]);
    const failed = once(second, 'error');
    bare.publish('omni-ipc.peers.topic.news.art', '"from outside"');
    bare.publish('omni-ipc.peers.topic.news.bad', 'no JSON');
    bare.publish('omni-ipc.peers.topic.news.none', '');
    bare.publish('omni-ipc.peers.topic.last', '');
    await last;
    expect(told.sort()).toEqual([
      ['*', 'news.art', 'from outside'],
      ['*', 'news.none', undefined],
      ['>', 'news.art', 'from outside'],
      ['>', 'news.none', undefined],
    ]);
    expect(await failed).toEqual([ipcError('ERR_IPC_DECODE', '"news.bad"')]);
    await second.unsubscribe('news.*');
    await second.to(1).deliver('message');
    first.publish('news.sports');
    await first.to(2).deliver('message');
    expect(told.length).toBe(5);
  });

  it('tells members that join later what is subscribed to already', async () => {
    // With longer leases than the spec may take: no renewal tells them.
    const options = { heartbeat: 20_000 };
    const [before, after] = [natsChannel(server, options), natsChannel(server, options)];
    const heard: unknown[] = [];
    let all: () => void = () => {};
    const both = new Promise<void>((resolve) => {
      all = resolve;
    });
    const hear = (data: unknown) => {
      if (heard.push(data) === 2) all();
    };
    await before.subscribe('before.opening', hear);
    await after.ready();
    await after.subscribe('after.opening', hear);
    const late = await natsChannel(server, options).ready();
    late.publish('before.opening', 1);
    late.publish('after.opening', 2);
    await both;
    expect(heard.sort()).toEqual([1, 2]);
  });

  it('closes although the server no longer answers', async () => {
    const [first] = (await open(2)) as [Channel, Channel];
    await server.suspend();
    const given = once(first, 'undelivered');
    first.to(2).send('a');
    await first.close({ timeout: 0 });
    await given;
    await expectAsync(first.ready()).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });

  it('closes while the server does not admit it, and releases a number that it gets afterwards', async () => {
    // A number that is not released stays taken for longer than the spec may take.
    const options = { heartbeat: 20_000 };
    await open(1, options);
    await server.suspend();
    const second = natsChannel(server, options);
    const late = second.ready();
    await second.close({ timeout: 0 });
    await expectAsync(late).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
    server.resume();
    let third = await natsChannel(server, options).ready();
    while (third.pid !== 2) {
      await third.close();
      third = await natsChannel(server, options).ready();
    }
    await third.to(1).deliver('message');
  });

  it('passes on tokens and passwords, and says why it cannot connect', async () => {
    const guarded = await NatsServer.start('--user', 'shop', '--pass', 'secret');
    const options = { servers: guarded.url, user: 'shop', pass: 'secret' };
    expect((await natsChannel(guarded, { nats: options }).ready()).pid).toBe(1);
    const stranger = natsChannel(guarded).on('error', () => {});
    await expectAsync(stranger.ready()).toBeRejectedWith(ipcError('ERR_IPC_CONNECT', 'nats-server -js'));
  });
});

/** Waits until a channel has so many members. */
async function hasPeers(channel: Channel, count: number): Promise<void> {
  while (channel.peers.length !== count) {
    await Promise.race([once(channel, 'join'), once(channel, 'leave')]);
  }
}
