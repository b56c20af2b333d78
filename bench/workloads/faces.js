import { check, message } from '../lib/message.js';
import * as oneway from './oneway.js';

const IN_FLIGHT = 256;

/** Each drop-in against the library it stands for; both run the same program. */
export const workload = {
  title: 'Drop-ins, 64-byte payload',
  metrics: [{ key: 'rate', label: 'messages or requests a second', better: 'more' }],
  references: ['net-ipc', 'socket-ipc'],
  cases: [
    {
      name: 'net-ipc, one way',
      transport: 'unix',
      talk: 'oneway',
      load: oneway.STREAM,
      subjects: ['omni-ipc-as-net-ipc', 'net-ipc', 'omni-ipc-as-net-ipc-msgpack', 'net-ipc-msgpack'],
      us: 'omni-ipc-as-net-ipc',
      targets: [{ metric: 'rate', against: 'net-ipc', atLeast: 3 }],
    },
    {
      name: `net-ipc, requests, ${IN_FLIGHT} in flight`,
      transport: 'unix',
      talk: 'requests',
      subjects: ['omni-ipc-as-net-ipc', 'net-ipc', 'omni-ipc-as-net-ipc-msgpack', 'net-ipc-msgpack'],
      us: 'omni-ipc-as-net-ipc',
      targets: [{ metric: 'rate', against: 'net-ipc', atLeast: 1.5 }],
    },
    {
      name: 'socket-ipc, one way',
      transport: 'unix',
      talk: 'oneway',
      load: oneway.STREAM,
      subjects: ['omni-ipc-as-socket-ipc', 'socket-ipc'],
      us: 'omni-ipc-as-socket-ipc',
      targets: [{ metric: 'rate', against: 'socket-ipc', atLeast: 2 }],
    },
  ],
  targets: [],
  warm: 250,
  time: 400,
};

export function server(adapter, place, job) {
  return job.talk === 'oneway' ? oneway.server(adapter, place, job) : answer(adapter, place, job);
}

export function client(adapter, place, job) {
  return job.talk === 'oneway' ? oneway.client(adapter, place, job) : ask(adapter, place, job);
}

/** Answers each request with what it asks. */
async function answer(adapter, place, { ready, over }) {
  let received = 0;
  await adapter.serve(
    place,
    () => {},
    (data) => {
      check(data, received++);
      return data;
    },
  );
  ready();
  await over;
  return { received };
}

/** Asks again for each answer that comes. */
async function ask(adapter, place, { warm, time }) {
  let sent = 0;
  const { request } = await adapter.connect(place, () => {});

  /** One of those in flight. */
  async function trips(until) {
    while (performance.now() < until) {
      const n = sent++;
      check(await request(message(n)), n);
    }
  }

  function phase(ms) {
    const until = performance.now() + ms;
    return Promise.all(Array.from({ length: IN_FLIGHT }, () => trips(until)));
  }

  await phase(warm);
  const first = sent;
  const start = performance.now();
  await phase(time);
  return { rate: ((sent - first) / (performance.now() - start)) * 1000, sent };
}
