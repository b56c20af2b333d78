import { Flood } from '../lib/flood.js';
import { check, message } from '../lib/message.js';

/** Few messages in flight, so that the kernel accepts each write at once, as with a steady stream. */
export const STREAM = { burst: 64, every: 256, window: 1024 };
/** So many messages in flight that the buffers of the kernel are full, and Node joins the waiting writes. */
const FLOOD = { burst: 512, every: 2048, window: 16 * 1024 };
const NETWORK = ['bare', 'omni-ipc', 'node-ipc-14', 'achrinza-9', 'net-ipc', 'net-ipc-msgpack', 'zeromq'];
const FLOODED = ['bare', 'omni-ipc', 'node-ipc-14', 'achrinza-9', 'net-ipc', 'socket-ipc'];

export const workload = {
  title: 'One way, 64-byte payload',
  metrics: [{ key: 'rate', label: 'messages a second', better: 'more' }],
  cases: [
    {
      name: 'unix',
      transport: 'unix',
      load: STREAM,
      subjects: [...NETWORK, 'achrinza-10', 'socket-ipc', 'ws', 'child-json', 'child-advanced'],
    },
    { name: 'worker thread', transport: 'port', load: STREAM, subjects: ['worker-post', 'omni-ipc-worker'] },
    { name: 'tcp', transport: 'tcp', load: STREAM, subjects: NETWORK },
    { name: 'unix, buffers full', transport: 'unix', load: FLOOD, subjects: FLOODED },
  ],
  targets: [
    { metric: 'rate', against: 'node-ipc-14', atLeast: 4 },
    { metric: 'rate', against: 'bare', atLeast: 0.85 },
  ],
  warm: 250,
  time: 400,
};

/** Checks every message, and reports the count at intervals. */
export async function server(adapter, place, { load, ready, over }) {
  let received = 0;
  const { send } = await adapter.serve(place, (data, peer) => {
    check(data, received++);
    if (received % load.every === 0) send(peer, { received });
  });
  ready();
  await over;
  return { received };
}

/** Sends to the server as fast as it accepts. */
export async function client(adapter, place, { load, warm, time, other }) {
  const { send } = await adapter.connect(place, ({ received }) => flood.acked(received));
  const flood = new Flood((n) => send(message(n)), load);
  return { ...(await flood.rate({ warm, time, other })), sent: flood.sent };
}
