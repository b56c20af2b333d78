import { Flood } from '../lib/flood.js';
import { check, message } from '../lib/message.js';
import { fail } from '../lib/talk.js';

const LOAD = { burst: 16, every: 32, window: 128 };
const SUBJECTS = ['bare', 'omni-ipc', 'node-ipc-14', 'achrinza-9', 'net-ipc', 'socket-ipc'];

export const workload = {
  title: 'Broadcast, 64-byte payload',
  metrics: [{ key: 'rate', label: 'deliveries a second', better: 'more' }],
  cases: [
    { name: '100 clients', transport: 'unix', clients: 100, subjects: SUBJECTS },
    { name: '1000 clients', transport: 'unix', clients: 1000, subjects: SUBJECTS },
  ],
  targets: [{ metric: 'rate', against: 'node-ipc-14', atLeast: 3 }],
  warm: 300,
  time: 700,
};

/** Starts to broadcast when all clients have sent a message. */
export async function server(adapter, place, { clients, warm, time, ready, over }) {
  let hellos = 0;
  let other;
  let everyone;
  const connected = new Promise((resolve) => {
    everyone = resolve;
  });
  const { broadcast } = await adapter.serve(place, (data) => {
    if (data.hello) {
      other = data.hello;
      if (++hellos === clients) everyone();
    } else flood.acked(data.received);
  });
  const flood = new Flood((n) => broadcast(message(n)), LOAD);
  ready();
  await connected;
  const { rate, cpu } = await flood.rate({ warm, time, other });
  broadcast({ n: -1 });
  await over;
  return { rate: rate * clients, cpu: cpu / clients, sent: flood.sent * clients };
}

/** Runs all clients in one process. When the last of them has a message, the first client reports it. */
export async function client(adapter, place, { clients }) {
  const counts = new Int32Array(clients);
  const reached = new Map();
  const senders = [];
  let left = clients;
  let received = 0;
  let finished;
  const over = new Promise((resolve) => {
    finished = resolve;
  });

  function deliver(client, data) {
    if (data.n === -1) {
      if (--left === 0) finished();
      return;
    }
    check(data, counts[client]);
    received++;
    const count = ++counts[client];
    if (count % LOAD.every !== 0) return;
    const others = (reached.get(count) ?? 0) + 1;
    reached.set(count, others);
    if (others < clients) return;
    reached.delete(count);
    senders[0].send({ received: count });
  }

  for (let i = 0; i < clients; i++) senders.push(await adapter.connect(place, (data) => deliver(i, data)));
  for (const { send } of senders) send({ hello: process.pid });
  await over;
  for (const count of counts) if (count !== counts[0]) fail('some clients had more messages than others');
  return { received };
}
