import { setImmediate as turn } from 'node:timers/promises';
import { check, message } from '../lib/message.js';
import { fail } from '../lib/talk.js';

const BURST = 16;
const WARM = -1;
const END = -2;

export const workload = {
  title: 'One way over UDP, 64-byte payload',
  metrics: [
    { key: 'rate', label: 'messages received a second', better: 'more' },
    { key: 'loss', label: '% lost', better: 'less', digits: 2 },
  ],
  cases: [{ name: 'udp4', transport: 'udp4', subjects: ['bare', 'omni-ipc', 'node-ipc-14'] }],
  targets: [
    { metric: 'rate', against: 'node-ipc-14', atLeast: 1 },
    { metric: 'loss', over: 'node-ipc-14', atMost: 0 },
  ],
  lossy: true,
  warm: 300,
  time: 700,
};

/** Messages may be lost, but must not be changed, duplicated or reordered. */
export async function server(adapter, place, { ready, over }) {
  let received = 0;
  let latest = -1;
  let first = 0;
  let last = 0;
  const { send } = await adapter.serve(place, (data, peer) => {
    if (data.n === WARM) return;
    if (data.n === END) {
      send(peer, { over: true });
      return;
    }
    if (data.n <= latest) fail(`message ${data.n} came after ${latest}`);
    check(data, data.n);
    latest = data.n;
    last = performance.now();
    if (received++ === 0) first = last;
  });
  ready();
  await over;
  return { received, rate: ((received - 1) / (last - first)) * 1000 };
}

/** Sends as fast as it can, without flow control. */
export async function client(adapter, place, { warm, time }) {
  let finished;
  const over = new Promise((resolve) => {
    finished = resolve;
  });
  const { send } = await adapter.connect(place, finished);

  async function flood(ms, next) {
    const until = performance.now() + ms;
    let n = 0;
    while (performance.now() < until) {
      for (let i = 0; i < BURST; i++) send(next(n++));
      await turn();
    }
    return n;
  }

  await flood(warm, (n) => ({ ...message(n), n: WARM }));
  const sent = await flood(time, message);
  const asking = setInterval(() => send({ n: END }), 50);
  await over;
  clearInterval(asking);
  return { sent };
}

/** The lost messages in percent. */
export function summarize(report) {
  return { ...report, loss: (1 - report.received / report.sent) * 100 };
}
