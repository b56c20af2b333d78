// node bench/check.js measures for about a minute whether omni-ipc has become slower: against the bare loop, and requests and topics
// against events, on the current Node.
// The bounds are so generous that only a real regression fails the check.
import { buildProduct } from './lib/install.js';
import { playCase, ratio } from './lib/play.js';
import { workspace } from './lib/workspace.js';

const ROUNDS = 3;
const CHECKS = [
  { name: 'oneway', metric: 'rate', atLeast: 0.7 },
  { name: 'echo', metric: 'rate', atLeast: 0.6 },
  { name: 'pingpong', metric: 'p50', atMost: 1.5 },
  { name: 'broadcast', metric: 'rate', atLeast: 0.6 },
  { name: 'raw', metric: 'rate', atLeast: 0.6 },
  { name: 'idle', metric: 'heap', atMost: 1.4, connections: 2000 },
  { name: 'requests', metric: 'cpu', atMost: 1.8, floor: 'omni-ipc-echo' },
  { name: 'topics', metric: 'cpu', atMost: 1.8, us: 'omni-ipc-topics', floor: 'omni-ipc' },
];

buildProduct();
const run = { dir: workspace(), node: process.execPath, rounds: ROUNDS };
let failed = 0;
for (const { name, metric, atLeast, atMost, us: id = 'omni-ipc', floor: below = 'bare', ...load } of CHECKS) {
  const { workload, summarize } = await import(`./workloads/${name}.js`);
  const { subjects, failures } = await playCase(
    workload,
    { ...workload.cases[0], ...load },
    {
      ...run,
      only: [below, id],
      workload: name,
      summarize,
    },
  );
  const floor = subjects.find((subject) => subject.id === below);
  const us = subjects.find((subject) => subject.id === id);
  for (const failure of failures) console.error(failure);
  const found = failures.length === 0 ? ratio(us, floor, metric) : Number.NaN;
  const holds = atLeast === undefined ? found <= atMost : found >= atLeast;
  const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  console.log(
    `${holds ? 'ok    ' : 'FAILED'} ${name}: ${found.toFixed(2)} x ${floor.name}, ${bound} expected\n`,
  );
  if (!holds) failed++;
}
process.exitCode = failed > 0 ? 1 : 0;
