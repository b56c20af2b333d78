import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import defaultChannel, {
  Channel,
  IPCError,
  Message,
  channel as namedChannel,
  type Undelivered,
} from '../../../services/channel/index.js';
import { channelAt, freshRendezvous } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { heard, once } from '../../support/events.js';
import { freshDirectory } from '../../support/places.js';

/** A schema of what passes a test. */
function schema(fits: (value: unknown) => boolean, made = (value: unknown) => value) {
  const validate = (value: unknown) =>
    fits(value) ? { value: made(value) } : { issues: [{ message: 'no number' }] };
  return { '~standard': { version: 1, vendor: 'spec', validate } } as const;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

async function collect(stream: AsyncIterable<unknown>, into: unknown[]): Promise<void> {
  for await (const item of stream) into.push(item);
}

describe('Channel', () => {
  let directory: string;

  beforeEach(() => {
    directory = freshRendezvous();
  });

  /** So many channels that are open, with the numbers from 1. */
  async function open(count: number): Promise<Channel[]> {
    const channels: Channel[] = [];
    for (let i = 0; i < count; i++) channels.push(await channelAt<Loose>(directory).ready());
    await until(() => channels.every(({ peers }) => peers.length === count), channels);
    return channels;
  }

  describe('with a schema of an event', () => {
    it('gives its handler what the schema makes of the data, and reports what does not fit', async () => {
      const [first, second] = (await open(2)) as [Channel, Channel];
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

    it('waits for a schema that takes its time, once and as a listener, too', async () => {
      const [first] = (await open(1)) as [Channel];
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

  describe('as in the documentation of ipchannel', () => {
    it('has no number and no connection, and touches nothing, before it is used', async () => {
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
      const [first, second] = (await open(2)) as [Channel, Channel];
      const custom = once(first, 'custom-event');
      second.to(1).emit('custom-event', 'hello', { wide: ['world', null, 1.5] }, false);
      expect(await custom).toEqual([2, 'hello', { wide: ['world', null, 1.5] }, false]);
      const bare = once(first, 'bare');
      second.to(1).emit('bare');
      expect(await bare).toEqual([2]);
    });

    it('hears what was meant for it after its connect handlers have run', async () => {
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
      const channels = await open(3);
      const all = channels.map((channel) => once(channel, 'message'));
      channels[1]?.to('all').send('attention', 'please');
      expect(await Promise.all(all)).toEqual(Array(3).fill([2, 'attention', 'please']));
    });

    it('tells of connecting and disconnecting', async () => {
      const channel = channelAt(directory);
      await once(channel, 'connect');
      const gone = once(channel, 'disconnect');
      channel.disconnect();
      await gone;
      expect([channel.pid, channel.connected, channel.peers]).toEqual([undefined, false, []]);
    });
  });

  it('resolves ready when it is open, and lets who awaits it hear the first message', async () => {
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

  it('is exported as the default one, and under the names of ipchannel', () => {
    expect(defaultChannel).toBeInstanceOf(Channel);
    expect(defaultChannel).toBe(namedChannel);
    expect(channelAt(directory).to(1)).toBeInstanceOf(Message);
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
  });

  describe('peers', () => {
    it('are known by their numbers, and told of as they come and go', async () => {
      const [first] = (await open(2)) as [Channel];
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

    it('can be spoken to by name', async () => {
      const [first] = (await open(1)) as [Channel];
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
      const [first, second] = (await open(2)) as [Channel, Channel];
      const messages = messagesOf(second, 'message', 300);
      for (let i = 0; i < 300; i += 3) {
        first.to(2).send(i);
        first.to('all').send(i + 1);
        first.to(2).send(i + 2);
      }
      expect((await messages).map(([, i]) => i)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    });

    it('are as they were when they were sent', async () => {
      const [first] = (await open(1)) as [Channel];
      const data = { state: 'sent' };
      first.to(1).send(data);
      data.state = 'changed';
      expect(await once(first, 'message')).toEqual([1, { state: 'sent' }]);
    });

    it('arrive once and in order when the hub closes', async () => {
      const [hub, sender, receiver] = (await open(3)) as [Channel, Channel, Channel];
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

    it('can be awaited until every receiver has them', async () => {
      const channels = await open(3);
      const heardBy: number[] = [];
      for (const channel of channels) channel.on('order', () => heardBy.push(channel.pid as number));
      await channels[0]?.to('all').deliver('order', 7);
      expect(heardBy.sort()).toEqual([1, 2, 3]);
      await channels[0]?.to(2).deliver('order', 8);
      expect(heardBy).toEqual([1, 2, 3, 2]);
    });

    it('to a peer that does not come are undelivered after the absence timeout', async () => {
      const channel = await channelAt<Loose>(directory, { absenceTimeout: 200 }).ready();
      const undelivered = heard<Undelivered>(channel as never, 'undelivered', 3);
      channel.to(9).emit('order', 1, 2);
      channel.to('billing').send('hello');
      await expectAsync(channel.to(9).deliver('order', 3)).toBeRejectedWith(
        ipcError('ERR_IPC_UNDELIVERED', 'Member 9'),
      );
      const error = ipcError('ERR_IPC_UNDELIVERED');
      expect(await undelivered).toEqual([
        { to: 9, event: 'order', data: [1, 2], error },
        { to: 'billing', event: 'message', data: ['hello'], error },
        { to: 9, event: 'order', data: [3], error },
      ]);
    });

    it('warn the process where nobody listens for the undelivered', async () => {
      const channel = await channelAt<Loose>(directory, { absenceTimeout: 100 }).ready();
      const warning = warned();
      channel.to(9).send('hello');
      expect(await warning).toEqual([ipcError('ERR_IPC_UNDELIVERED')]);
    });

    it('are refused where too much waits already', async () => {
      const channel = await channelAt<Loose>(directory, {
        maxPendingBytes: 1200,
        absenceTimeout: 60_000,
      }).ready();
      const errors = heard<IPCError>(channel as never, 'error', 1);
      channel.on('undelivered', () => {});
      expect(channel.to(9).send('x'.repeat(600))).toBeTrue();
      expect(channel.to(9).send('x'.repeat(600))).toBeFalse();
      expect(await errors).toEqual([ipcError('ERR_IPC_BACKPRESSURE')]);
      await expectAsync(channel.to(9).deliver('message', 'x'.repeat(600))).toBeRejectedWith(
        ipcError('ERR_IPC_BACKPRESSURE'),
      );
      await channel.to(1).deliver('message', 'there is room for this');
    });

    it('are refused, with the reason, where they cannot be sent at all', async () => {
      const channel = await channelAt<Loose>(directory, { maxMessageSize: 100 }).ready();
      expect(() => channel.to(1).send(1n)).toThrow(ipcError('ERR_IPC_ENCODE'));
      expect(() => channel.to(1).send('x'.repeat(100))).toThrow(ipcError('ERR_IPC_TOO_LARGE'));
      expect(() => channel.to(1).emit('connect')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
      await expectAsync(channel.to(1).deliver('connect')).toBeRejectedWith(ipcError('ERR_IPC_ARGUMENT'));
      for (const nobody of [0, -1, 1.5, '', Number.NaN, null as unknown as string]) {
        expect(() => channel.to(nobody)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'names no member'));
      }
    });

    it('may be long', async () => {
      const [first, second] = (await open(2)) as [Channel, Channel];
      const text = `"${'\\"ü'.repeat(700_000)}`;
      const message = once(second, 'message');
      first.to(2).send(text);
      const [, received] = await message;
      expect(received === text).toBeTrue();
    });

    it('may be as deep as all that is read, and objects that say what they are may be deeper', async () => {
      const [channel] = (await open(1)) as [Channel];
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
      expect(() => channel.to(1).send(nested(499))).toThrow(ipcError('ERR_IPC_ENCODE', '500 deep'));
    });

    it('are heard by once handlers once, and no more by those that are off', async () => {
      const [first] = (await open(1)) as [Channel];
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
  });

  describe('requests', () => {
    it('are answered by the peer that is asked', async () => {
      const [first, second] = (await open(2)) as [Channel, Channel];
      second.handle('add', ([one, other]: [number, number], sender: number) => [one + other, sender]);
      second.handle('slow', async (text: string) => `${text}!`);
      expect(await first.to(2).request('add', [1, 2])).toEqual([3, 1]);
      expect(await first.to(2).request('slow', 'hello')).toBe('hello!');
      expect(await second.to(2).request('slow', 'to itself')).toBe('to itself!');
    });

    it('are refused with what the handler throws, or for want of one', async () => {
      const [first] = (await open(1)) as [Channel];
      first.handle('fail', () => {
        throw Object.assign(new RangeError('too far'), { code: 'E_FAR' });
      });
      first.handle('unsendable', () => 1n);
      const error = await first
        .to(1)
        .request('fail')
        .catch((thrown) => thrown);
      expect([error.name, error.message, error.code]).toEqual(['RangeError', 'too far', 'E_FAR']);
      await expectAsync(first.to(1).request('none')).toBeRejectedWith(ipcError('ERR_IPC_NO_HANDLER'));
      await expectAsync(first.to(1).request('unsendable')).toBeRejectedWith(ipcError('ERR_IPC_ENCODE'));
    });

    it('are for one peer', async () => {
      const [first] = (await open(1)) as [Channel];
      await expectAsync(first.to('all').request('add')).toBeRejectedWith(ipcError('ERR_IPC_ARGUMENT'));
    });

    it('time out, and can be aborted', async () => {
      const [first] = (await open(1)) as [Channel];
      first.handle('never', () => new Promise(() => {}));
      await expectAsync(first.to(1).request('never', 1, { timeout: 20 })).toBeRejectedWith(
        ipcError('ERR_IPC_TIMEOUT'),
      );
      const controller = new AbortController();
      const request = first.to(1).request('never', 1, { signal: controller.signal });
      controller.abort();
      await expectAsync(request).toBeRejectedWith(ipcError('ERR_IPC_ABORTED'));
    });

    it('are checked by a schema, where there is one', async () => {
      const [first] = (await open(1)) as [Channel];
      const validate = (value: unknown) =>
        typeof value === 'number' ? { value } : { issues: [{ message: 'no number' }] };
      const input = { '~standard': { version: 1, vendor: 'spec', validate } } as const;
      first.handle('double', { input }, (value: number) => value * 2);
      expect(await first.to(1).request('double', 2)).toBe(4);
      await expectAsync(first.to(1).request('double', '2')).toBeRejectedWith(
        ipcError('ERR_IPC_INVALID_INPUT', 'no number'),
      );
    });

    it('and their items, bodies and responses as well', async () => {
      const [first] = (await open(1)) as [Channel];
      first.handle('ticks', { output: schema(isNumber) }, async function* () {
        yield* [1, 2, 'three', 4];
      });
      const items: unknown[] = [];
      await expectAsync(collect(first.to(1).stream('ticks'), items)).toBeRejectedWith(
        ipcError('ERR_IPC_INVALID_OUTPUT', 'no number'),
      );
      expect(items).toEqual([1, 2]);
      first.handle('sum', { items: schema(isNumber) }, async (_data, _from, { body }) => {
        let sum = 0;
        for await (const item of body) sum += item as number;
        return sum;
      });
      await expectAsync(collect(first.to(1).stream('sum', 0, { body: [1, 'two'] }), [])).toBeRejectedWith(
        ipcError('ERR_IPC_INVALID_INPUT', 'no number'),
      );
      first.handle('text', () => 'text');
      await expectAsync(first.to(1).request('text', 0, { output: schema(isNumber) })).toBeRejectedWith(
        ipcError('ERR_IPC_INVALID_OUTPUT', 'no number'),
      );
    });

    it('outlive a change of hubs', async () => {
      const channels = await open(3);
      let answer: (text: string) => void = () => {};
      channels[2]?.handle(
        'wait',
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      );
      const request = channels[1]?.to(3).request('wait');
      await until(() => answer.length === 1, channels);
      const next = once(channels[2] as Channel, 'hub');
      await channels[0]?.close();
      await next;
      answer('still there');
      expect(await request).toBe('still there');
    });

    it('fail when the peer leaves before it has answered', async () => {
      const [first, second] = (await open(2)) as [Channel, Channel];
      const asked = new Promise<void>((resolve) => {
        second.handle('wait', () => {
          resolve();
          return new Promise(() => {});
        });
      });
      const request = first.to(2).request('wait');
      await asked;
      await second.close();
      await expectAsync(request).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED', 'Member 2 left'));
    });

    it('fail when the peer does not come', async () => {
      const channel = await channelAt<Loose>(directory, { absenceTimeout: 100 }).ready();
      await expectAsync(channel.to(9).request('wait')).toBeRejectedWith(
        ipcError('ERR_IPC_UNDELIVERED', 'Member 9'),
      );
    });

    it('are forgotten when they fail', async () => {
      const [first] = (await open(1)) as [Channel];
      first.handle('never', () => new Promise(() => {}));
      const requests = Array.from({ length: 300 }, () => first.to(1).request('never', 1, { timeout: 30 }));
      const results = await Promise.allSettled(requests);
      expect(results.every(({ status }) => status === 'rejected')).toBeTrue();
      first.handle('now', () => 'here');
      expect(await first.to(1).request('now')).toBe('here');
    });
  });

  describe('groups', () => {
    /** Members of a group that answer with their numbers, and somebody outside of it. */
    async function crew(count: number): Promise<{ boss: Channel; workers: Channel[] }> {
      const boss = await channelAt<Loose>(directory).ready();
      const workers: Channel[] = [];
      for (let i = 0; i < count; i++) {
        const worker = channelAt<Loose>(directory, { group: 'resize' });
        worker.handle('resize', () => worker.pid);
        workers.push(await worker.ready());
      }
      await until(() => boss.peers.length === count + 1, [boss]);
      return { boss, workers };
    }

    it('share the messages and requests that are for them', async () => {
      const { boss, workers } = await crew(3);
      const got: unknown[] = [];
      for (const worker of workers) worker.on('job', (_sender, i) => got.push(`${worker.pid} ${i}`));
      for (let i = 0; i < 3; i++) boss.to('group:resize').emit('job', i);
      await boss.to('group:resize').deliver('job', 3);
      expect(got.map((text) => (text as string).slice(0, 1)).sort()).toEqual(['2', '2', '3', '4']);
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => boss.to('group:resize').request('resize')),
      );
      expect(answers.sort()).toEqual([2, 2, 3, 3, 4, 4]);
    });

    it('spare a member that is still at work', async () => {
      const { boss, workers } = await crew(2);
      workers[0]?.handle('resize', () => new Promise(() => {}));
      const first = boss.to('group:resize').request('resize', 1, { timeout: 0 });
      const answers: unknown[] = [];
      for (let i = 0; i < 5; i++) answers.push(await boss.to('group:resize').request('resize'));
      expect(answers).toEqual([3, 3, 3, 3, 3]);
      void workers[0]?.close({ timeout: 0 });
      await expectAsync(first).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED', 'Member 2 left'));
    });

    it('have another member answer where the first leaves before it has, if the request allows it', async () => {
      const { boss, workers } = await crew(2);
      const asked = new Promise<void>((resolve) => {
        workers[0]?.handle('resize', () => {
          resolve();
          return new Promise(() => {});
        });
      });
      const request = boss.to('group:resize').request('resize', 1, { retries: 1 });
      await asked;
      await workers[0]?.close({ timeout: 0 });
      expect(await request).toBe(3);
    });

    it('that are empty are waited for, until the absence timeout', async () => {
      const boss = await channelAt<Loose>(directory, { absenceTimeout: 300 }).ready();
      const early = boss.to('group:resize').request('resize');
      await expectAsync(early).toBeRejectedWith(
        ipcError('ERR_IPC_UNDELIVERED', 'No member of "group:resize"'),
      );
      const late = boss.to('group:resize').request('resize');
      const worker = channelAt<Loose>(directory, { group: 'resize' });
      worker.handle('resize', () => 'done');
      await worker.ready();
      expect(await late).toBe('done');
    });
  });

  it('asks the next that has a number, where the one before left and the request allows it', async () => {
    const [first, second] = (await open(2)) as [Channel, Channel];
    const asked = new Promise<void>((resolve) => {
      second.handle('wait', () => {
        resolve();
        return new Promise(() => {});
      });
    });
    const request = first.to(2).request('wait', 1, { retries: 1 });
    await asked;
    await second.close({ timeout: 0 });
    const next = channelAt<Loose>(directory);
    next.handle('wait', () => 'the next');
    await next.ready();
    expect(await request).toBe('the next');
  });

  describe('topics', () => {
    it('reach every peer that listens, this one included, by patterns', async () => {
      const channels = await open(3);
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
      const [first] = (await open(1)) as [Channel];
      const second = channelAt<Loose>(directory);
      const got: unknown[] = [];
      await second.subscribe('news', (data) => got.push(data));
      second.to(1).send('subscribed');
      await once(first, 'message');
      first.publish('news', 1);
      await first.to(2).deliver('message');
      expect(got).toEqual([1]);
    });

    it('reach nobody any more who has unsubscribed', async () => {
      const [first] = (await open(1)) as [Channel];
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
      const channels = await open(3);
      const got: number[] = [];
      await channels[2]?.subscribe('news', (data) => got.push(data));
      for (let i = 1; i <= 100; i++) {
        channels[1]?.publish('news', i);
        if (i === 50) void channels[0]?.close();
      }
      await channels[1]?.to(3).deliver('message');
      expect(got).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    });

    it('must be topics', async () => {
      const [first] = (await open(1)) as [Channel];
      expect(() => first.publish('news.*')).toThrow(ipcError('ERR_IPC_ARGUMENT'));
      expect(() => first.subscribe('', () => {})).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    });
  });

  describe('at its end', () => {
    it('delivers first what was sent, even before it was open', async () => {
      const [first] = (await open(1)) as [Channel];
      const messages = messagesOf(first, 'message', 100);
      const second = channelAt<Loose>(directory);
      for (let i = 0; i < 100; i++) second.to(1).send(i);
      second.disconnect();
      expect((await messages).at(-1)).toEqual([2, 99]);
    });

    it('gives back what is for peers that are away', async () => {
      const [first] = (await open(1)) as [Channel];
      const undelivered = once<[Undelivered]>(first, 'undelivered');
      first.to(9).send('hello');
      await first.close();
      expect(await undelivered).toEqual([
        { to: 9, event: 'message', data: ['hello'], error: ipcError('ERR_IPC_CLOSED') },
      ]);
    });

    it('takes nothing for undelivered that was handed over, when all leave at once', async () => {
      const channels = await open(6);
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

    it('waits for answers when it closes, and rejects them when it disconnects', async () => {
      const [first, second, third] = (await open(3)) as [Channel, Channel, Channel];
      first.handle('wait', () => new Promise((resolve) => setTimeout(resolve, 50, 'done')));
      const [waits, fails] = [second.to(1).request('wait'), third.to(1).request('wait')];
      third.disconnect();
      await second.close();
      expect(await waits).toBe('done');
      await expectAsync(fails).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
    });

    it('does not wait for an answer from a peer that is away', async () => {
      const [first] = (await open(1)) as [Channel];
      const request = first.to(9).request('wait', 1, { timeout: 0 });
      const since = performance.now();
      await first.close();
      await expectAsync(request).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
      expect(performance.now() - since).toBeLessThan(3000);
    });

    it('waits no longer than it is told to', async () => {
      const [first] = (await open(1)) as [Channel];
      first.handle('never', () => new Promise(() => {}));
      const request = first.to(1).request('never');
      await first.close({ timeout: 50 });
      await expectAsync(request).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
    });

    it('takes nothing any more', async () => {
      const [first] = (await open(1)) as [Channel];
      const errors = heard<IPCError>(first as never, 'error', 2);
      await first.close();
      await first.close();
      expect(first.to(1).send('late')).toBeFalse();
      expect(first.publish('news')).toBeFalse();
      expect(await errors).toEqual([ipcError('ERR_IPC_CLOSED'), ipcError('ERR_IPC_CLOSED')]);
      for (const promise of [
        first.ready(),
        first.to(1).deliver('message'),
        first.to(1).request('add'),
        first.subscribe('news', () => {}),
      ]) {
        await expectAsync(promise).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
      }
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

    it('is over at once where it was never used', async () => {
      await expectAsync(channelAt(directory).close()).toBeResolved();
      expect(existsSync(directory)).toBeFalse();
    });
  });

  it('does not open in a directory that others may enter, and says so', async () => {
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

  it('warns the process of an error that nobody listens for', async () => {
    const channel = await channelAt<Loose>(directory).ready();
    await channel.close();
    const warning = warned();
    channel.to(1).send('late');
    expect(await warning).toEqual([ipcError('ERR_IPC_CLOSED')]);
  });

  it('refuses bad options', () => {
    expect(() => new Channel({ heartbeat: 0 })).toThrowError(IPCError, /heartbeat/);
  });

  it('knows by a contract what is sent, heard and asked', async () => {
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

// biome-ignore lint/suspicious/noExplicitAny: what a channel without a contract takes
type Loose = Record<string, any>;

/** The next warning of the process, which is not printed. */
async function warned(): Promise<unknown[]> {
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  const warning = await once(process, 'warning');
  for (const printer of printers) process.on('warning', printer);
  return warning;
}

/** The next `count` events, each with all its arguments. */
async function messagesOf(channel: Channel, type: string, count: number): Promise<unknown[][]> {
  const found: unknown[][] = [];
  await new Promise<void>((resolve) => {
    channel.on(type, (...args: unknown[]) => {
      found.push(args);
      if (found.length === count) resolve();
    });
  });
  return found;
}

/** Waits until something is so; looked at whenever something happens on a channel. */
async function until(isSo: () => boolean, channels: Channel[]): Promise<void> {
  while (!isSo()) await Promise.race([...channels.map((channel) => once(channel, '*')), turn()]);
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
