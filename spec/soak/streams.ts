import { freshIPC } from '../support/instances.js';
import { Cutter } from '../support/peers.js';
import { freshDirectory } from '../support/places.js';
import { type Figures, hold } from './promise.js';

const LONG = { streams: 1000, cuts: 200, items: 50 };

/** Streams that resume, each with a body of its own, through cuts: no item is lost, repeated or out of order. */
export async function soak(settings: Partial<typeof LONG> = {}): Promise<Figures> {
  const { streams, cuts, items } = { ...LONG, ...settings };
  const path = `${freshDirectory()}/s`;
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
