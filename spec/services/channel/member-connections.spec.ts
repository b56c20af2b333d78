import { setImmediate as turn } from 'node:timers/promises';
import type { Channel } from '../../../services/channel/index.js';
import { channelAt, freshRendezvous, PeerProcess } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { NatsServer, natsChannel, withoutNats } from '../../support/nats.js';

interface World {
  count: { request: number; stream: number };
  total: { request: string; stream: string; body?: number };
  wait: { request: null; stream: number };
  plain: { request: null; response: string };
  bytes: { request: null; stream: Buffer };
}

/** What the producers of a channel have come to. */
class Ends {
  readonly #waiters: (() => void)[] = [];
  count = 0;
  ended(): void {
    this.count++;
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
  async reach(count: number): Promise<void> {
    while (this.count < count) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }
}

function produce(channel: Channel<World>): Ends {
  const ends = new Ends();
  channel
    .handle('count', async function* (to) {
      try {
        for (let n = 1; n <= to; n++) {
          yield n;
          if (n % 64 === 0) await turn();
        }
      } finally {
        ends.ended();
      }
    })
    .handle('total', async function* (currency, _sender, { body }) {
      let sum = 0;
      for await (const amount of body) sum += amount;
      yield `${sum} ${currency}`;
    })
    .handle('wait', async function* (_data, _sender, { signal }) {
      try {
        yield 1;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      } finally {
        ends.ended();
      }
    })
    .handle('plain', () => 'only one')
    .handle('bytes', async function* () {
      yield Buffer.from([0, 255, 10]);
    });
  return ends;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

describe('Streams in a channel', () => {
  let directory: string;
  let producer: Channel<World>;
  let consumer: Channel<World>;
  let ends: Ends;

  beforeEach(async () => {
    directory = freshRendezvous();
    producer = channelAt<World>(directory, { peer: 'producer', group: 'work' });
    ends = produce(producer);
    await producer.ready();
    consumer = await channelAt<World>(directory).ready();
  });

  it('deliver each item once and in order, and end', async () => {
    expect(await collect(consumer.to('producer').stream('count', 10_000))).toEqual(numbers(10_000));
    expect(consumer.inspect().requests.total).toBe(0);
  });

  it('carry a body, and deliver bytes as bytes', async () => {
    const total = consumer.to('producer').stream('total', 'EUR', { body: numbers(1000) });
    expect(await collect(total)).toEqual(['500500 EUR']);
    expect(await collect(consumer.to('producer').stream('bytes', null))).toEqual([Buffer.from([0, 255, 10])]);
  });

  it('deliver the response of a plain handler as the only item, and refuse a request to a streaming one', async () => {
    expect(await collect(consumer.to(1).stream('plain', null) as AsyncIterable<unknown>)).toEqual([
      'only one',
    ]);
    await expectAsync(consumer.to(1).request('count', 3)).toBeRejectedWith(ipcError('ERR_IPC_UNSUPPORTED'));
  });

  it('reach a member of a group, and the member itself', async () => {
    expect(await collect(consumer.to('group:work').stream('count', 3))).toEqual([1, 2, 3]);
    expect(await collect(producer.to('producer').stream('count', 3))).toEqual([1, 2, 3]);
  });

  it('end the generator when the consumer leaves the loop', async () => {
    for await (const n of consumer.to('producer').stream('count', 1e9)) {
      if (n === 100) break;
    }
    await ends.reach(1);
    expect(ends.count).toBe(1);
    expect(consumer.inspect().requests.total).toBe(0);
  });

  it('end the generator of a call that was aborted before it was accepted', async () => {
    const controller = new AbortController();
    const items = consumer.to('producer').stream('wait', null, { signal: controller.signal });
    controller.abort();
    await expectAsync(collect(items)).toBeRejectedWith(ipcError('ERR_IPC_ABORTED'));
    await ends.reach(1);
  });

  it('end with an error when the member leaves, after the received items', async () => {
    const items = consumer.to('producer').stream('wait', null);
    expect(await items.next()).toEqual({ done: false, value: 1 });
    const rest = items.next();
    producer.disconnect();
    await expectAsync(rest).toBeRejectedWith(ipcError('ERR_IPC_DISCONNECTED', /after 1 item of/));
    await ends.reach(1);
  });

  it('end the generator when the consumer leaves the channel', async () => {
    await consumer.to('producer').stream('wait', null).next();
    consumer.disconnect();
    await ends.reach(1);
    expect(ends.count).toBe(1);
  });

  it('are waited for by close()', async () => {
    const items = collect(consumer.to('producer').stream('count', 2000));
    await turn();
    await consumer.close();
    expect(await items).toEqual(numbers(2000));
  });

  it('refuse invalid options, and calls to all members', async () => {
    const options = { resume: true } as object;
    expect(() => consumer.to(1).stream('count', 1, options)).toThrow(ipcError('ERR_IPC_ARGUMENT'));
    await expectAsync(collect(consumer.to('all').stream('count', 1))).toBeRejectedWith(
      ipcError('ERR_IPC_ARGUMENT'),
    );
  });

  it('ask the generator for no more items than the consumer granted, and delay no other call', async () => {
    const items = consumer.to('producer').stream('count', 1e9, { highWaterMark: 4 });
    await items.next();
    for (let i = 0; i < 100; i++) await consumer.to('producer').request('plain', null);
    expect(ends.count).toBe(0);
    await items.return();
    await ends.reach(1);
  });

  it('continue when the hub is killed, and end the generator when the consumer is killed', async () => {
    const shared = freshRendezvous();
    const hub = new PeerProcess(shared);
    await hub.says('hub 1');
    const one = channelAt<World>(shared, { peer: 'producer' });
    const produced = produce(one);
    await one.ready();
    const other = await channelAt<World>(shared).ready();
    const items = other.to('producer').stream('count', 20_000);
    const got: number[] = [];
    const taken = Promise.all([once(one, 'hub'), once(other, 'hub')]);
    for await (const n of items) {
      got.push(n);
      if (n !== 100) continue;
      hub.signal('SIGKILL');
      await taken;
    }
    expect(got).toEqual(numbers(20_000));
    await produced.reach(1);

    const reader = new PeerProcess(shared);
    await reader.up();
    reader.tell('stream', 'producer', 'wait');
    await reader.says('item 1');
    reader.signal('SIGKILL');
    await produced.reach(2);
  });
});

describe('Streams in a channel over NATS', () => {
  it('deliver each item once and in order, also when the NATS server is killed', async () => {
    if (withoutNats !== undefined) return pending(withoutNats);
    const server = await NatsServer.start();
    const producer = natsChannel(server, { peer: 'producer' });
    const ends = produce(producer as unknown as Channel<World>);
    await producer.ready();
    const consumer = await natsChannel(server).ready();
    const got: unknown[] = [];
    for await (const n of consumer.to('producer').stream('count', 5000)) {
      got.push(n);
      if (n !== 100) continue;
      await server.kill();
      await server.again();
    }
    expect(got).toEqual(numbers(5000));
    await ends.reach(1);
    const items = consumer.to('producer').stream('wait', null);
    await items.next();
    await items.return();
    await ends.reach(2);
  });
});
