import { Flood } from '../lib/flood.js';
import { fail } from '../lib/talk.js';

const SIZE = 64 * 1024;
const LOAD = { burst: 16, every: 16, window: 128 };

/** Sixteen chunks of different bytes, in one buffer. */
const BYTES = Buffer.alloc(16 * SIZE);
for (let i = 0; i < BYTES.length; i += 4) BYTES.writeUInt32LE(Math.imul(i + 1, 2_654_435_761) >>> 0, i);
const CHUNKS = Array.from({ length: 16 }, (_, i) => BYTES.subarray(i * SIZE, (i + 1) * SIZE));

export const workload = {
  title: 'Raw buffers, 64 KiB chunks',
  metrics: [{ key: 'rate', label: 'MiB a second', better: 'more' }],
  cases: [{ name: 'unix', transport: 'unix', raw: true, subjects: ['bare', 'omni-ipc', 'node-ipc-14'] }],
  targets: [{ metric: 'rate', against: 'bare', atLeast: 0.95 }],
  warm: 300,
  time: 700,
};

/** Compares every byte, and answers sixteen chunks with one byte. */
export async function server(adapter, place, { ready, over }) {
  let at = 0;
  let chunks = 0;
  const { send } = await adapter.serve(place, (data, peer) => {
    let from = 0;
    while (from < data.length) {
      const size = Math.min(data.length - from, BYTES.length - at);
      if (data.compare(BYTES, at, at + size, from, from + size) !== 0)
        fail(`bytes changed near chunk ${chunks}`);
      from += size;
      at += size;
      if (at < BYTES.length) break;
      at = 0;
      chunks += CHUNKS.length;
      send(peer, Buffer.of(1));
    }
  });
  ready();
  await over;
  return { received: chunks };
}

/** Sends to the server as fast as it accepts. */
export async function client(adapter, place, { warm, time }) {
  let acked = 0;
  const { send } = await adapter.connect(place, (bytes) => {
    acked += bytes.length * CHUNKS.length;
    flood.acked(acked);
  });
  const flood = new Flood((n) => send(CHUNKS[n & 15]), LOAD);
  const { rate: chunks } = await flood.rate({ warm, time });
  return { rate: (chunks * SIZE) / 1024 / 1024, sent: flood.sent };
}
