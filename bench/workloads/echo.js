import { check, message } from '../lib/message.js';
import { spent } from '../lib/spent.js';

export const IN_FLIGHT = 256;

export const workload = {
  title: `Echo, ${IN_FLIGHT} in flight`,
  metrics: [{ key: 'rate', label: 'round trips a second', better: 'more' }],
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
        'ws',
        'zeromq',
        'child-json',
        'child-advanced',
      ],
    },
  ],
  targets: [
    { metric: 'rate', against: 'node-ipc-14', atLeast: 2 },
    { metric: 'rate', against: 'bare', atLeast: 0.85 },
  ],
  warm: 250,
  time: 400,
};

/** Echoes each message. */
export async function server(adapter, place, { ready, over }) {
  let received = 0;
  const { send } = await adapter.serve(place, (data, peer) => {
    check(data, received++);
    send(peer, data);
  });
  ready();
  await over;
  return { received };
}

/** Sends a message for each echo. */
export async function client(adapter, place, { warm, time, other }) {
  let sent = 0;
  let received = 0;
  let until = 0;
  let done = () => {};
  const { send } = await adapter.connect(place, (data) => {
    check(data, received++);
    if (performance.now() < until) send(message(sent++));
    else if (received === sent) done();
  });

  function phase(ms) {
    return new Promise((resolve) => {
      done = resolve;
      until = performance.now() + ms;
      for (let i = 0; i < IN_FLIGHT; i++) send(message(sent++));
    });
  }

  await phase(warm);
  const first = sent;
  const before = spent(other);
  const start = performance.now();
  await phase(time);
  const took = performance.now() - start;
  const count = sent - first;
  return { rate: (count / took) * 1000, cpu: (spent(other) - before) / count, sent };
}
