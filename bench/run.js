// node bench/run.js [workload ...] [--rounds N] [--only SUBJECT,SUBJECT] [--node FILE] [--profile]
import { parseArgs } from 'node:util';
import { certificate } from './lib/certificate.js';
import { buildProduct, installRivals, nodeForPeers, versionOf } from './lib/install.js';
import { machine } from './lib/machine.js';
import { playCase } from './lib/play.js';
import { printTable, saveResults } from './lib/report.js';
import { workspace } from './lib/workspace.js';

const WORKLOADS = [
  'oneway',
  'echo',
  'pingpong',
  'requests',
  'sequential',
  'streams',
  'files',
  'blocked',
  'topics',
  'big',
  'broadcast',
  'backplane',
  'raw',
  'tls',
  'udp',
  'idle',
  'features',
  'faces',
  'channel',
  'channel-requests',
  'import',
  'start',
  'text',
  'codecs',
  'curve-clients',
  'curve-sizes',
  'curve-requests',
  'curve-members',
  'clients',
];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    only: { type: 'string' },
    node: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
});
const names = positionals.length > 0 ? positionals : WORKLOADS;
const unknown = names.find((name) => !WORKLOADS.includes(name));
if (unknown !== undefined) {
  console.error(`Unknown workload "${unknown}". The workloads are: ${WORKLOADS.join(', ')}.`);
  process.exit(2);
}
const only = options.only?.split(',');

installRivals();
if (only === undefined || only.some((id) => id.startsWith('omni-ipc'))) buildProduct();
const node = options.node ?? nodeForPeers();
const about = machine(node);
console.log(
  `${about.cpu}, ${about.cores} cores, ${about.memory}, ${about.system}, Node ${about.node}, ${about.date}\n`,
);

const dir = workspace();
const tls = await certificate(dir);
const failures = [];
const began = performance.now();
for (const name of names) {
  const { workload, summarize } = await import(`./workloads/${name}.js`);
  const rounds = options.profile ? 1 : Number(options.rounds ?? workload.rounds ?? 5);
  const cases = [];
  for (const one of workload.cases) {
    if (only !== undefined && !one.subjects.some((id) => only.includes(id))) continue;
    const job = { workload: name, dir, node, rounds, only, tls, profile: options.profile, summarize };
    const played = await playCase(workload, one, job);
    for (const subject of played.subjects) subject.version = versionOf(subject);
    failures.push(...played.failures);
    printTable(`${workload.title} (${one.name})`, workload, played);
    cases.push(played);
  }
  if (only === undefined && !options.profile) {
    // The results of another Node than the usual one stand beside those of the usual one.
    const folder = options.node === undefined ? '' : `node-${about.node.split('.')[0]}`;
    saveResults(name, workload, cases, { machine: about, rounds }, folder);
  }
}

console.log(`Took ${Math.round((performance.now() - began) / 1000)} s.`);
if (options.profile) console.log('The CPU profiles are in bench/profiles/.');
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exitCode = failures.length > 0 ? 1 : 0;
