import { fail } from '../lib/talk.js';

const MEBIBYTE = 1024 * 1024;
const SIZE = 16 * MEBIBYTE;
const MOST_TRIPS = 20;

export const workload = {
  title: '16 MiB messages of two-byte characters, there and back',
  metrics: [
    { key: 'rate', label: 'MiB a second, both ways added', better: 'more', digits: 1 },
    { key: 'memory', label: 'memory peak, as a multiple of the message', better: 'less', digits: 2 },
  ],
  cases: [
    {
      name: 'unix',
      transport: 'unix',
      subjects: [
        'bare',
        'omni-ipc',
        'node-ipc-14',
        'achrinza-9',
        'net-ipc',
        'net-ipc-msgpack',
        'socket-ipc',
        'zeromq',
        'child-json',
        'child-advanced',
      ],
    },
  ],
  targets: [
    { metric: 'rate', against: 'node-ipc-14', atLeast: 6 },
    { metric: 'rate', against: 'best rival', atLeast: 1 },
    { metric: 'memory', atMost: 4 },
  ],
  flags: ['--expose-gc'],
  time: 400,
};

/** Letters of two bytes each in UTF-8, in an order in which no two parts of the message are equal. */
function text() {
  const letters = new Uint16Array(SIZE / 2);
  let seed = 1;
  for (let i = 0; i < letters.length; i++) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    letters[i] = 0x430 + (seed >>> 27);
  }
  return Buffer.from(letters.buffer).toString('utf16le');
}

/** The memory of this process before the first message, so that only the memory of messages counts. */
function restingMemory() {
  globalThis.gc();
  return process.memoryUsage.rss();
}

function peakSince(resting) {
  return Math.max(0, process.resourceUsage().maxRSS * 1024 - resting) / SIZE;
}

/**
 * Echoes each message. It records its memory before the first message and the peak after it, because later messages would
 * include uncollected garbage of earlier ones.
 */
export async function server(adapter, place, { ready, over }) {
  let received = 0;
  let resting;
  let serverMemory;
  const { send } = await adapter.serve(place, (data, peer) => {
    if (data.text !== undefined) received++;
    else if (resting === undefined) resting = restingMemory();
    else serverMemory = peakSince(resting);
    send(peer, data);
  });
  ready();
  await over;
  return { received, serverMemory };
}

/** Sends one message at a time. The first measures memory; it counts for the time only if it takes very long. */
export async function client(adapter, place, { time }) {
  const expected = text();
  let sent = 0;
  let back;
  const { send } = await adapter.connect(place, (data) => back(data));
  const trip = (message) =>
    new Promise((resolve) => {
      back = resolve;
      send(message);
    });
  const timedTrip = async () => {
    const start = performance.now();
    const data = await trip({ n: sent, text: expected });
    const took = performance.now() - start;
    if (data.n !== sent || data.text !== expected) fail(`message ${sent} came back changed`);
    sent++;
    return took;
  };

  await trip({ begin: true });
  const resting = restingMemory();
  const first = await timedTrip();
  const clientMemory = peakSince(resting);
  await trip({ end: true });
  const trips = [];
  if (first > 2 * time) trips.push(first);
  else
    for (let spent = 0; spent < time && sent < MOST_TRIPS; spent += trips.at(-1))
      trips.push(await timedTrip());
  const seconds = trips.reduce((sum, trip) => sum + trip, 0) / 1000;
  return { rate: (2 * SIZE * trips.length) / MEBIBYTE / seconds, clientMemory, sent };
}

/** The result is the larger value of the two processes. */
export function summarize(report) {
  return { ...report, memory: Math.max(report.serverMemory, report.clientMemory) };
}
