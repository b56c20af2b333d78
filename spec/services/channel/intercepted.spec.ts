import { type InterceptedMessage, intercept, NO_INTERCEPTORS } from '../../../lib/interceptors.js';
import { Channel } from '../../../services/channel/index.js';
import { afterwards } from '../../support/afterwards.js';
import { channelAt, freshRendezvous } from '../../support/channels.js';

describe('The view of a channel that interceptors have', () => {
  type Seen = Pick<InterceptedMessage, 'kind' | 'type' | 'peer' | 'meta'> & { way: string };

  /** All that passes in this process until the spec ends; each message that is sent takes `meta` along. */
  function watch(): Seen[] {
    const seen: Seen[] = [];
    const note = (way: string, { kind, side, type, peer, meta }: InterceptedMessage) => {
      if (side === 'channel') seen.push({ way, kind, type, peer, meta });
    };
    const remove = intercept({
      send(message, next) {
        note('send', message);
        return next({ by: message.kind });
      },
      receive(message, next) {
        note('receive', message);
        return next();
      },
    });
    afterwards(remove);
    return seen;
  }

  it('covers each message of every kind when it is sent and when it arrives, with its metadata', async () => {
    const seen = watch();
    const directory = freshRendezvous();
    const [first, second] = [channelAt(directory), channelAt(directory)] as unknown as [Channel, Channel];
    await first.ready();
    await second.ready();
    const heard = new Promise((resolve) => {
      void second.subscribe('news.*', resolve);
    });
    second.on('order', () => {});
    second.on('message', () => {});
    second.handle('double', (number: number, _from, { meta }) => [number * 2, meta]);
    second.handle('count', async function* () {
      yield 1;
    });
    first.to(2).emit('order', 1);
    await first.to(2).deliver('message', 2);
    expect(await first.to(2).request('double', 21)).toEqual([42, { by: 'request' }]);
    expect(await first.to(2).request('double', 1, { meta: { own: 1 } })).toEqual([
      2,
      { own: 1, by: 'request' },
    ]);
    for await (const item of first.to(2).stream('count')) expect(item).toBe(1);
    await second.subscribe('other', () => {});
    first.publish('news.today', 3);
    await heard;
    const of = (way: string) => seen.filter((one) => one.way === way).map(({ kind, type }) => [kind, type]);
    const messages = [
      ['event', 'order'],
      ['event', 'message'],
      ['request', 'double'],
      ['request', 'double'],
      ['stream', 'count'],
      ['topic', 'news.today'],
    ];
    expect([of('send'), of('receive')]).toEqual([messages, messages]);
    const came = seen.filter(({ way, meta }) => way === 'receive' && meta?.own === undefined);
    expect(came.map(({ peer, kind, meta }) => [peer, meta?.by === kind])).toEqual(
      Array.from({ length: 5 }, () => [1, true]),
    );
  });

  it('ignores a channel that is an internal part of something else', async () => {
    const seen = watch();
    const channel = new Channel(
      { name: 'built on', directory: freshRendezvous() },
      { interceptors: NO_INTERCEPTORS },
    );
    afterwards(() => channel.close({ timeout: 0 }));
    await channel.ready();
    const heard = new Promise((resolve) => channel.on('order', (_sender, order) => resolve(order)));
    channel.to('all').emit('order', 7);
    expect(await heard).toBe(7);
    expect(seen).toEqual([]);
  });
});
