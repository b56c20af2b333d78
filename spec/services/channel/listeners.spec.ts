import { EventEmitter } from 'node:events';
import type { Channel } from '../../../services/channel/index.js';
import { channelAt, freshRendezvous, type Loose, openChannels } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { heard, once } from '../../support/events.js';
import { nextWarning } from '../../support/warnings.js';

/** A schema of what passes a test. */
function schema(fits: (value: unknown) => boolean, made = (value: unknown) => value) {
  const validate = (value: unknown) =>
    fits(value) ? { value: made(value) } : { issues: [{ message: 'no number' }] };
  return { '~standard': { version: 1, vendor: 'spec', validate } } as const;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

describe('Listeners', () => {
  let directory: string;

  beforeEach(() => {
    directory = freshRendezvous();
  });

  it('has the methods of an EventEmitter', () => {
    const channel = channelAt<Loose>(directory);
    const texts: unknown[] = [];
    const hears = (text: unknown) => texts.push(text);
    channel.addListener('local', hears).addListener('local', (text) => texts.push(`second ${text}`));
    expect(channel.listenerCount('local')).toBe(2);
    expect([channel.emit('local', 'one'), channel.emit('nobody')]).toEqual([true, false]);
    channel.removeListener('local', hears);
    channel.emit('local', 'two');
    channel.removeAllListeners('local').emit('local', 'three');
    channel.on('local', hears).removeAllListeners();
    channel.emit('local', 'four');
    expect(texts).toEqual(['one', 'second one', 'second two']);
    expect(channel.listenerCount('local')).toBe(0);
    expect(channel.setMaxListeners(50).getMaxListeners()).toBe(0);
  });

  it('puts handlers before others, lists them, and gives them the channel as this, as an EventEmitter does', () => {
    const channel = channelAt<Loose>(directory);
    const calls: string[] = [];
    const last = () => calls.push('last');
    const schemaFirst = schema(isNumber);
    function first(this: unknown) {
      calls.push(this === channel ? 'first' : 'first with another this');
    }
    channel.on('local', last).prependListener('local', first);
    channel.prependOnceListener('local', { input: schemaFirst }, function (this: unknown) {
      calls.push(this === channel ? 'once' : 'once with another this');
    });
    expect(channel.eventNames()).toEqual(['local']);
    expect(channel.listeners('local').slice(1)).toEqual([first, last]);
    expect(channel.rawListeners('local').length).toBe(3);
    expect(channel.listeners('none')).toEqual([]);
    channel.emit('local', 1, 2);
    channel.emit('local', 1, 2);
    expect(calls).toEqual(['once', 'first', 'last', 'first', 'last']);
  });

  it('has every method of Node’s EventEmitter', () => {
    const names = Object.getOwnPropertyNames(EventEmitter.prototype).filter(
      (name) => !name.startsWith('_') && name !== 'constructor',
    );
    const channel = channelAt<Record<string, unknown>>(directory) as unknown as Record<string, unknown>;
    expect(names.filter((name) => typeof channel[name] !== 'function')).toEqual([]);
  });

  it('calls once handlers once, and removed handlers not at all', async () => {
    const [first] = (await openChannels(directory, 1)) as [Channel];
    const texts: string[] = [];
    const both = (_sender: number, text: string) => texts.push(`on ${text}`);
    first.on('message', both).once('message', (_sender, text) => texts.push(`once ${text}`));
    first.on('*', (event, sender, text) => texts.push(`any ${event} ${sender} ${text}`));
    await first.to(1).deliver('message', 'a');
    await first.to(1).deliver('message', 'b');
    first.off('message', both).off('*');
    await first.to(1).deliver('message', 'c');
    expect(texts).toEqual(['on a', 'once a', 'any message 1 a', 'on b', 'any message 1 b']);
  });

  describe('with a schema of an event', () => {
    it('passes the output of the schema to its handler, and reports data that does not match', async () => {
      const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
      const got: unknown[][] = [];
      const doubled = schema(isNumber, (value) => (value as number) * 2);
      const handler = (...args: unknown[]) => got.push(args);
      first.on('price', { input: doubled }, handler);
      const errors = heard(first, 'error', 2);
      second.to(1).emit('price', 21);
      second.to(1).emit('price', 'free');
      second.to(1).emit('price', 1, 2);
      for (const error of await errors)
        expect(error).toEqual(ipcError('ERR_IPC_INVALID_INPUT', 'The event price'));
      const later = once(first, 'later');
      first.off('price', handler);
      second.to(1).emit('price', 1);
      second.to(1).emit('later');
      await later;
      expect(got).toEqual([[2, 42]]);
    });

    it('waits for an asynchronous schema, also for one-time listeners', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      const slow = {
        '~standard': { version: 1, vendor: 'spec', validate: async (value: unknown) => ({ value }) },
      } as const;
      const got = new Promise((resolve) => {
        first.once('slow', { input: slow }, (...args: unknown[]) => resolve(args));
      });
      const also = new Promise((resolve) => {
        first.addListener('slow', { input: slow }, (...args: unknown[]) => resolve(args));
      });
      first.to(1).emit('slow', 'data');
      expect([await got, await also]).toEqual([
        [1, 'data'],
        [1, 'data'],
      ]);
      expect(first.listenerCount('slow')).toBe(1);
      expect(() => first.on('slow', { input: {} as never }, () => {})).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    });
  });

  describe('topics', () => {
    it('reach every subscribed peer, this one included, by patterns', async () => {
      const channels = await openChannels(directory, 3);
      const got: unknown[][] = [];
      await channels[0]?.subscribe('news.*', (data, topic) => got.push([1, topic, data]));
      await channels[1]?.subscribe(['news.sports', 'weather'], (data, topic) => got.push([2, topic, data]));
      expect(channels[0]?.publish('news.sports', '3:1')).toBeTrue();
      channels[0]?.publish('news.art');
      channels[0]?.publish('nobody listens', 1);
      await channels[0]?.to('all').deliver('message');
      expect(got.sort()).toEqual([
        [1, 'news.art', undefined],
        [1, 'news.sports', '3:1'],
        [2, 'news.sports', '3:1'],
      ]);
    });

    it('are known to every peer when subscribe resolves, also before the channel is open', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      const second = channelAt<Loose>(directory);
      const got: unknown[] = [];
      await second.subscribe('news', (data) => got.push(data));
      second.to(1).send('subscribed');
      await once(first, 'message');
      first.publish('news', 1);
      await first.to(2).deliver('message');
      expect(got).toEqual([1]);
    });

    it('do not reach clients that have unsubscribed', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      const got: unknown[] = [];
      const [one, other] = [
        (data: unknown) => got.push(['one', data]),
        (data: unknown) => got.push(['other', data]),
      ];
      await first.subscribe('news', one);
      await first.subscribe('news', other);
      await first.unsubscribe('news', one);
      first.publish('news', 1);
      await first.to(1).deliver('message');
      await first.unsubscribe('news');
      first.publish('news', 2);
      await first.to(1).deliver('message');
      expect(got).toEqual([['other', 1]]);
    });

    it('are not lost when the hub changes', async () => {
      const channels = await openChannels(directory, 3);
      const got: number[] = [];
      await channels[2]?.subscribe('news', (data) => got.push(data));
      for (let i = 1; i <= 100; i++) {
        channels[1]?.publish('news', i);
        if (i === 50) void channels[0]?.close();
      }
      await channels[1]?.to(3).deliver('message');
      expect(got).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    });

    it('must be valid', async () => {
      const [first] = (await openChannels(directory, 1)) as [Channel];
      expect(() => first.publish('news.*')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
      expect(() => first.subscribe('', () => {})).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    });
  });

  it('reports undelivered messages as process warnings if there is no listener', async () => {
    const channel = await channelAt<Loose>(directory, { absenceTimeout: 100 }).ready();
    const warning = nextWarning();
    channel.to(9).send('hello');
    expect(await warning).toEqual(ipcError('ERR_IPC_UNDELIVERED'));
  });

  it('reports an error without a listener as a process warning', async () => {
    const channel = await channelAt<Loose>(directory).ready();
    await channel.close();
    const warning = nextWarning();
    channel.to(1).send('late');
    expect(await warning).toEqual(ipcError('ERR_IPC_CLOSED'));
  });
});
