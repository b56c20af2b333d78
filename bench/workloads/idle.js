import { connect } from 'node:net';
import { fail } from '../lib/talk.js';

const STEP = 100;
const FRAME = `${JSON.stringify({ type: 'message', data: { hello: true } })}\f`;

export const workload = {
  title: 'Idle connections, 10,000 on one server',
  metrics: [
    { key: 'heap', label: 'bytes of heap a connection', better: 'less' },
    { key: 'resident', label: 'bytes of resident memory a connection', better: 'less' },
  ],
  cases: [
    { name: 'unix', transport: 'unix', connections: 10_000, subjects: ['bare', 'omni-ipc', 'node-ipc-14'] },
  ],
  targets: [
    { metric: 'heap', over: 'bare', atMost: 256 },
    { metric: 'heap', against: 'node-ipc-14', atMost: 1 },
  ],
  flags: ['--expose-gc'],
};

/** Measures its memory after the first hundred connections and after all. Each connection has sent one message. */
export async function server(adapter, place, { subject, connections, ready, over }) {
  let hellos = 0;
  let before;
  let after;
  const bare = subject === 'bare';
  const { send } = await adapter.serve({ ...place, raw: bare }, (_data, peer) => {
    hellos++;
    if (hellos === STEP) before = memory();
    if (hellos === connections) after = memory();
    if (hellos % STEP === 0) send(peer, bare ? Buffer.of(1) : { hello: true });
  });
  ready();
  await over;
  const count = connections - STEP;
  return {
    received: hellos,
    heap: (after.heap - before.heap) / count,
    resident: (after.resident - before.resident) / count,
  };
}

function memory() {
  globalThis.gc();
  return { heap: process.memoryUsage().heapUsed, resident: process.memoryUsage.rss() };
}

/** Opens plain sockets, the same for every subject. Each sends one message and then nothing. */
export async function client(_adapter, { path }, { connections }) {
  let heard;
  for (let i = 1; i <= connections; i++) {
    const socket = await dial(path);
    socket.on('data', () => heard());
    socket.on('close', () => fail('a connection was closed'));
    socket.write(FRAME);
    if (i % STEP > 0) continue;
    await new Promise((resolve) => {
      heard = resolve;
    });
  }
  return { sent: connections };
}

function dial(path) {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.on('error', reject);
  });
}
