import * as oneway from './oneway.js';
import * as requests from './requests.js';

/** Compares each drop-in with the library that it replaces. Both run the same program. */
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
      name: `net-ipc, requests, ${requests.IN_FLIGHT} in flight`,
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

const TALKS = { oneway, requests };

export function server(adapter, place, job) {
  return TALKS[job.talk].server(adapter, place, job);
}

export function client(adapter, place, job) {
  return TALKS[job.talk].client(adapter, place, job);
}
