import { Flood } from '../lib/flood.js';
import { check, message } from '../lib/message.js';
import { spent } from '../lib/spent.js';
import { STREAM } from './oneway.js';

export const workload = {
  title: 'Cost of features that are not used',
  metrics: [
    { key: 'cpu', label: 'µs of processor time a message, both processes', better: 'less', digits: 3 },
  ],
  cases: [
    {
      name: 'unix',
      transport: 'unix',
      load: STREAM,
      subjects: [
        'bare',
        'omni-ipc',
        'omni-ipc-no-limits',
        'omni-ipc-core',
        'omni-ipc-inspected',
        'omni-ipc-untraced',
      ],
    },
  ],
  targets: [
    { metric: 'cpu', against: 'omni-ipc-no-limits', atMost: 1.03 },
    { metric: 'cpu', against: 'omni-ipc-inspected', atLeast: 0.97 },
    { metric: 'cpu', against: 'omni-ipc-untraced', atLeast: 0.97 },
  ],
  rounds: 9,
  warm: 800,
  time: 500,
};

/** Like the workload one way, and also reports the processor time between two marks. */
export async function server(adapter, place, { load, ready, over }) {
  let received = 0;
  const marks = [];
  const { send } = await adapter.serve(place, (data, peer) => {
    if (data.mark) {
      marks.push(spent());
      send(peer, { marked: true });
      return;
    }
    check(data, received++);
    if (received % load.every === 0) send(peer, { received });
  });
  ready();
  await over;
  return { received, serverSpent: marks[1] - marks[0] };
}

/** Warms up, then sends between two marks. */
export async function client(adapter, place, { load, warm, time }) {
  let marked;
  const { send } = await adapter.connect(place, (data) => {
    if (data.marked) marked();
    else flood.acked(data.received);
  });
  const flood = new Flood((n) => send(message(n)), load);
  const mark = () =>
    new Promise((resolve) => {
      marked = resolve;
      send({ mark: true });
    });
  await flood.rate({ warm, time: 0 });
  await mark();
  const first = flood.sent;
  const before = spent();
  await flood.rate({ warm: 0, time });
  const clientSpent = spent() - before;
  await mark();
  return { sent: flood.sent, clientSpent, measured: flood.sent - first };
}

/** The sum of both processes. */
export function summarize(report) {
  return { ...report, cpu: (report.clientSpent + report.serverSpent) / report.measured };
}
