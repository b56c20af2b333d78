import { Flood } from '../lib/flood.js';
import { check, message } from '../lib/message.js';
import { fail } from '../lib/talk.js';
import { STREAM } from './oneway.js';
import * as requests from './requests.js';

const BYTES = 64 * 1024;
/** Few buffers in flight, so that memory stays small. */
const BUFFERS = { burst: 2, every: 4, window: 16, bytes: true };

/** Compares JSON with MessagePack: for small objects, and for bytes, which JSON cannot represent. */
export const workload = {
  title: 'JSON and MessagePack',
  metrics: [
    { key: 'rate', label: 'messages a second', better: 'more' },
    { key: 'cpu', label: 'µs of processor time a message, both processes', better: 'less', digits: 2 },
  ],
  references: ['omni-ipc'],
  cases: [
    { name: 'small objects, one way', load: STREAM },
    { name: 'small objects, requests', talk: 'requests' },
    { name: '64 KiB buffers, one way', load: BUFFERS },
  ].map((one) => ({ ...one, transport: 'unix', subjects: ['omni-ipc', 'omni-ipc-msgpack'] })),
  targets: [],
  warm: 400,
  time: 500,
};

/** Checks every message, and reports the count at intervals. */
export function server(adapter, place, job) {
  return job.talk === 'requests' ? requests.server(adapter, place, job) : take(adapter, place, job);
}

async function take(adapter, place, { load, ready, over }) {
  let received = 0;
  const { send } = await adapter.serve(place, (data, peer) => {
    if (load.bytes !== true) check(data, received++);
    else if (bytesOf(data).length !== BYTES) fail('a buffer arrived changed');
    else received++;
    if (received % load.every === 0) send(peer, { received });
  });
  ready();
  await over;
  return { received };
}

/** Over JSON a buffer arrives as the result of its toJSON. */
function bytesOf(data) {
  return data.type === 'Buffer' ? data.data : data;
}

export async function client(adapter, place, job) {
  if (job.talk === 'requests') return requests.client(adapter, place, job);
  const { load, warm, time, other } = job;
  const buffer = Buffer.alloc(BYTES, 'omni-ipc');
  const { send } = await adapter.connect(place, ({ received }) => flood.acked(received));
  const flood = new Flood((n) => send(load.bytes === true ? buffer : message(n)), load);
  return { ...(await flood.rate({ warm, time, other })), sent: flood.sent };
}
