import type { Client } from '../../lib/client.js';
import { freshIPC, pair } from '../support/instances.js';
import { Cutter } from '../support/peers.js';
import { freshPath } from '../support/places.js';
import { mebibytes, memory } from './memory.js';
import { type Figures, hold } from './promise.js';

const LONG = { streams: 1000, cuts: 200, items: 50, asks: 10_000 };

/** Streams that resume after cuts, and a stream without a reader. */
export async function soak(settings: Partial<typeof LONG> = {}): Promise<Figures> {
  const scale = { ...LONG, ...settings };
  return { ...(await resumed(scale)), ...(await blocked(scale.asks)) };
}

/**
 * Offers a gigabyte to a consumer that does not read. Neither side may grow by more than 16 MiB, and requests over the same
 * connection must not take longer.
 */
async function blocked(asks: number): Promise<Figures> {
  const { server, client } = await pair();
  let made = 0;
  server.handle('gigabyte', async function* () {
    for (; made < 1e6; made++) yield 'x'.repeat(1000);
  });
  server.handle('add', ([a, b]: [number, number]) => a + b);
  const before = await memory();
  await slowest(client, asks);
  // The first requests after a pause are slower, with and without a stream.
  const pause = () => new Promise((resolve) => setTimeout(resolve, 1000));
  await pause();
  const alone = await slowest(client, asks);
  const stream = client.stream('gigabyte');
  await stream.next();
  await pause();
  const beside = await slowest(client, asks);
  const after = await memory();
  const grown = Math.max(0, after.resident - before.resident);
  hold(made < 1000, `${made} items were made for a consumer that has taken one`);
  hold(after.held - before.held < 16, `both sides hold ${after.held - before.held} MiB more`);
  // With too few requests, or on a busy machine, the figures have no meaning.
  if (asks >= LONG.asks) {
    hold(beside < 2 * alone + 1, `requests took ${beside} ms beside a blocked stream, and ${alone} without`);
  }
  await stream.return();
  await client.close();
  await server.stop();
  return {
    items_made_for_a_sleeping_consumer: made,
    MiB_grown_meanwhile: mebibytes(grown * 1024 * 1024),
    p99_ms_of_requests_without: alone,
    p99_ms_of_requests_beside: beside,
  };
}

/** Returns the 99th percentile of the durations, in milliseconds. */
async function slowest(client: Client, asks: number): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < asks; n++) {
    const since = performance.now();
    await client.request('add', [n, 1]);
    times.push(performance.now() - since);
  }
  times.sort((one, other) => one - other);
  return Math.round((times[Math.floor(asks * 0.99)] as number) * 1000) / 1000;
}

/** Runs resumed streams with bodies through cuts. No item may be lost, repeated or out of order. */
async function resumed({ streams, cuts, items }: typeof LONG): Promise<Figures> {
  const path = freshPath();
  const server = await freshIPC().serve(path).start();
  let runs = 0;
  let finished = 0;
  server.handle('echo', async function* (first: number, _socket, { body }) {
    runs++;
    try {
      for await (const item of body as AsyncIterable<number>) yield [first, item];
    } finally {
      finished++;
    }
  });
  const cutter = await new Cutter({ path }).listen();
  const client = await freshIPC({ retry: 1 }).connectTo('world', cutter.path).ready();
  let begun = 0;
  let taken = 0;
  let wrong = 0;
  let done = 0;
  async function* body(first: number): AsyncGenerator<number> {
    for (let n = 1; n <= items; n++) {
      if (n % 10 === 0) await new Promise(setImmediate);
      yield first + n;
    }
  }
  const one = async () => {
    while (begun < streams) {
      const first = begun++ * 1000;
      let expected = first;
      for await (const item of client.stream('echo', first, { body: body(first), resume: true })) {
        expected++;
        taken++;
        const [of, number] = item as [number, number];
        if (of !== first || number !== expected) wrong++;
      }
      if (expected !== first + items) wrong++;
      done++;
    }
  };
  let made = 0;
  const every = (streams * items) / cuts / 2;
  const watch = setInterval(() => {
    if (made === cuts || taken < made * every || !client.connected || cutter.connections <= made) return;
    made++;
    cutter.cut();
  }, 1);
  await Promise.all(Array.from({ length: 20 }, one));
  clearInterval(watch);
  hold(made === cuts, `only ${made} of ${cuts} cuts were made`);
  hold(done === streams, `${done} of ${streams} streams have ended`);
  hold(wrong === 0, `${wrong} items were lost, repeated or out of order`);
  hold(
    runs === streams && finished === streams,
    `${streams} streams took ${runs} runs, of which ${finished} have ended`,
  );
  hold(client.stats().openRequests === 0, 'calls are left behind');
  await client.close();
  await server.stop();
  return {
    streams,
    items: taken,
    cuts: made,
    connections: cutter.connections,
    items_lost_repeated_or_reordered: wrong,
  };
}
