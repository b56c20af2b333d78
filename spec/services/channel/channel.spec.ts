import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { Channel, IPCError, type Undelivered } from '../../../services/channel/index.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { channelAt, freshRendezvous, type Loose, messagesOf, openChannels } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { freshDirectory } from '../../support/places.js';

describe('Channel', () => {
  let directory: string;

  beforeEach(() => {
    directory = freshRendezvous();
  });

  describe('as in the documentation of ipchannel', () => {
    it('has no number and no connection, and creates nothing, before it is used', async () => {
      const channel = channelAt(directory);
      expect([channel.pid, channel.connected, channel.hub, channel.peers]).toEqual([
        undefined,
        false,
        undefined,
        [],
      ]);
      expect(existsSync(directory)).toBeFalse();
      await channel.ready();
      expect([channel.pid, channel.connected, channel.hub, channel.peers]).toEqual([1, true, 1, [1]]);
    });

    it('rejects ready() with what to check if the system does not let it join', async () => {
      mkdirSync(`${directory}/${new Rendezvous('peers', directory).number(1).split('/').at(-1)}.name`, {
        recursive: true,
        mode: 0o700,
      });
      if (process.platform === 'win32') return pending('Windows has pipes here');
      await expectAsync(channelAt(directory, { peer: 'billing' }).ready()).toBeRejectedWith(
        ipcError('ERR_IPC_LISTEN', /cannot join the channel: E[A-Z]+: .*; check the channel's directory/),
      );
    });

    it('delivers what was sent before it was connected', async () => {
      const first = channelAt<Loose>(directory);
      const second = channelAt<Loose>(directory);
      const messages = messagesOf(first, 'message', 2);
      await first.ready();
      expect(second.to(1).send('before')).toBeTrue();
      second.to(1).send('also before');
      expect(await messages).toEqual([
        [2, 'before'],
        [2, 'also before'],
      ]);
    });

    it('emits events of any name with any data, from the sender’s number', async () => {
      const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
      const custom = once(first, 'custom-event');
      second.to(1).emit('custom-event', 'hello', { wide: ['world', null, 1.5] }, false);
      expect(await custom).toEqual([2, 'hello', { wide: ['world', null, 1.5] }, false]);
      const bare = once(first, 'bare');
      second.to(1).emit('bare');
      expect(await bare).toEqual([2]);
    });

    it('receives messages for its number only after its connect handlers have run', async () => {
      const first = channelAt<Loose>(directory);
      await first.ready();
      first.to(2).emit('custom-event', 'waits for you');
      const second = channelAt<Loose>(directory);
      const data = new Promise((resolve) => {
        second.on('connect', () => second.on('custom-event', (...args: unknown[]) => resolve(args)));
      });
      expect(await data).toEqual([1, 'waits for you']);
    });

    it('sends to all, itself included', async () => {
      const channels = await openChannels(directory, 3);
      const all = channels.map((channel) => once(channel, 'message'));
      channels[1]?.to('all').send('attention', 'please');
      expect(await Promise.all(all)).toEqual(Array(3).fill([2, 'attention', 'please']));
    });

    it('emits connect and disconnect', async () => {
      const channel = channelAt(directory);
      await once(channel, 'connect');
      const gone = once(channel, 'disconnect');
      channel.disconnect();
      await gone;
      expect([channel.pid, channel.connected, channel.peers]).toEqual([undefined, false, []]);
    });
  });

  it('resolves ready() when it is open, before the first message is delivered', async () => {
    const first = channelAt<Loose>(directory);
    await first.ready();
    for (let i = 0; i < 10; i++) first.to(2).send(i);
    const second = await channelAt<Loose>(directory).ready();
    const numbers = (await messagesOf(second, 'message', 10)).map(([, i]) => i);
    expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await second.ready()).toBe(second);
  });

  it('keeps channels of different names apart', async () => {
    const one = await channelAt(directory, { name: 'one' }).ready();
    const other = await channelAt(directory, { name: 'other' }).ready();
    expect([one.pid, other.pid, one.peers, other.peers]).toEqual([1, 1, [1], [1]]);
  });

  describe('peers', () => {
    it('are known by their numbers, and reported when they join and leave', async () => {
      const [first] = (await openChannels(directory, 2)) as [Channel];
      const joined = once(first, 'join');
      const third = await channelAt(directory, { peer: 'billing' }).ready();
      expect((await joined).slice(0, 2)).toEqual([3, 'billing']);
      expect([first.peers, third.peers]).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
      const left = once(first, 'leave');
      await third.close();
      expect((await left).slice(0, 2)).toEqual([3, 'billing']);
      expect(first.peers).toEqual([1, 2]);
    });

    it('can be addressed by name', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      first.to('billing').send('before it comes');
      const billing = channelAt<Loose>(directory, { peer: 'billing' });
      const messages = messagesOf(billing, 'message', 2);
      await billing.ready();
      first.to('billing').send('when it is there');
      expect(await messages).toEqual([
        [1, 'before it comes'],
        [1, 'when it is there'],
      ]);
    });

    it('cannot have a name twice', async () => {
      await channelAt(directory, { peer: 'billing' }).ready();
      const second = channelAt(directory, { peer: 'billing' });
      const error = once(second, 'error');
      await expectAsync(second.ready()).toBeRejectedWith(ipcError('ERR_IPC_IN_USE', 'billing'));
      expect(await error).toEqual([ipcError('ERR_IPC_IN_USE')]);
      expect(second.pid).toBeUndefined();
    });
  });

  describe('messages', () => {
    it('arrive in the order sent, whether sent to one or to all', async () => {
      const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
      const messages = messagesOf(second, 'message', 300);
      for (let i = 0; i < 300; i += 3) {
        first.to(2).send(i);
        first.to('all').send(i + 1);
        first.to(2).send(i + 2);
      }
      expect((await messages).map(([, i]) => i)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    });

    it('contain the data of the time when they were sent', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      const data = { state: 'sent' };
      first.to(1).send(data);
      data.state = 'changed';
      expect(await once(first, 'message')).toEqual([1, { state: 'sent' }]);
    });

    it('arrive once and in order when the hub closes', async () => {
      const [hub, sender, receiver] = (await openChannels(directory, 3)) as [Channel, Channel, Channel];
      const numbers: number[] = [];
      receiver.on('message', (_sender, i) => numbers.push(i));
      for (let i = 1; i <= 50; i++) sender.to(3).send(i);
      const next = once(receiver, 'hub');
      const closed = hub.close();
      for (let i = 51; i <= 100; i++) sender.to(3).send(i);
      await Promise.all([closed, next]);
      await sender.to(3).deliver('message', 101);
      expect(numbers).toEqual(Array.from({ length: 101 }, (_, i) => i + 1));
    });

    it('may be long', async () => {
      const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
      const text = `"${'\\"ü'.repeat(700_000)}`;
      const message = once(second, 'message');
      first.to(2).send(text);
      const [, received] = await message;
      expect(received === text).toBeTrue();
    });

    it('may nest to the limit, and objects with toJSON may nest deeper', async () => {
      const [channel] = (await openChannels(directory, 1)) as [Channel];
      const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
      const cases: unknown[] = [];
      channel.on('message', (_sender, data) => cases.push(data));
      const text = 'x'.repeat(1000);
      await channel.to(1).deliver('message', nested(498));
      await channel.to(1).deliver('message', { toJSON: () => text, inner: nested(600) });
      const unseen = Object.defineProperty({ toJSON: () => nested(498) }, 'inner', {
        enumerable: true,
        get: () => fail('It was looked at'),
      });
      await channel.to(1).deliver('message', unseen);
      expect(cases).toEqual([nested(498), text, nested(498)]);
      expect(() => channel.to(1).send(nested(499))).toThrow(ipcError('ERR_IPC_TOO_DEEP', '500 levels deep'));
    });
  });

  describe('when it closes', () => {
    it('first delivers what was sent, even before it was open', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      const messages = messagesOf(first, 'message', 100);
      const second = channelAt<Loose>(directory);
      for (let i = 0; i < 100; i++) second.to(1).send(i);
      second.disconnect();
      expect((await messages).at(-1)).toEqual([2, 99]);
    });

    it('reports messages for absent peers as undelivered', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      const undelivered = once<[Undelivered]>(first, 'undelivered');
      first.to(9).send('hello');
      await first.close();
      expect(await undelivered).toEqual([
        { to: 9, event: 'message', data: ['hello'], error: ipcError('ERR_IPC_CLOSED') },
      ]);
    });

    it('reports no delivered message as undelivered when all members leave at once', async () => {
      const channels = await openChannels(directory, 6);
      const undelivered: unknown[] = [];
      const ends = channels.map(async (channel) => {
        channel.on('undelivered', (message) => undelivered.push(message));
        await messagesOf(channel, 'message', channels.length);
        await channel.close();
      });
      for (const channel of channels) channel.to('all').send('hello');
      await Promise.all(ends);
      expect(undelivered).toEqual([]);
    });

    it('is closed by await using', async () => {
      let left: Channel;
      {
        await using channel = channelAt(directory);
        await channel.ready();
        left = channel as unknown as Channel;
        expect(left.connected).toBeTrue();
      }
      expect(left.connected).toBeFalse();
    });

    it('closes at once if it was never used', async () => {
      await expectAsync(channelAt(directory).close()).toBeResolved();
      expect(existsSync(directory)).toBeFalse();
    });
  });

  it('refuses to open in a directory that others may enter', async () => {
    const open = freshDirectory();
    mkdirSync(open, { recursive: true });
    chmodSync(open, 0o755);
    if (process.platform === 'win32') return pending('Windows has no modes');
    const channel = channelAt<Loose>(open);
    const undelivered = once<[Undelivered]>(channel, 'undelivered');
    channel.on('error', () => {});
    channel.to(1).send('hello');
    await expectAsync(channel.ready()).toBeRejectedWith(ipcError('ERR_IPC_ADDRESS', 'chmod 700'));
    expect((await undelivered)[0].error).toEqual(ipcError('ERR_IPC_ADDRESS'));
  });

  it('refuses invalid options', () => {
    expect(() => new Channel({ heartbeat: 0 })).toThrowError(IPCError, /heartbeat/);
  });

  it('types messages, handlers and requests by its contract', async () => {
    interface Shop {
      message: string;
      order: [id: number, items: string[]];
      price: { request: string; response: number };
    }
    const shop = await channelAt<Shop>(directory).ready();
    shop.handle('price', (item, sender) => item.length + sender);
    const orders: string[] = [];
    shop.on('order', (sender, id, items) => orders.push(`${sender} ${id.toFixed()} ${items.join()}`));
    await shop.to(1).deliver('order', 7, ['tea']);
    const price: number = await shop.to(1).request('price', 'tea');
    const _mistakes = () => {
      // @ts-expect-error: an order has an id first
      shop.to(1).emit('order', 'tea');
      // @ts-expect-error: no such name
      shop.on('offer', () => {});
    };
    expect([orders, price]).toEqual([['1 7 tea'], 4]);
  });
});
