import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coresFor } from './pin.js';
import { freePort, playRound } from './round.js';
import { median } from './stats.js';

const PROFILES = fileURLToPath(new URL('../profiles', import.meta.url));

const REFERENCES = ['bare', 'node-ipc-14'];
/** If OMNI_IPC_BEFORE names the folder of an earlier build, that build takes part wherever this one does. */
const EARLIER = process.env.OMNI_IPC_BEFORE === undefined ? [] : ['omni-ipc-before'];

/** The subject to which all ratios of a workload refer. */
export function referencesOf({ references = REFERENCES }) {
  return [...references, ...EARLIER];
}

/** Returns the ids of all subjects of a case. */
function subjectsOf({ subjects }) {
  return subjects.includes('omni-ipc') ? [...subjects, ...EARLIER] : subjects;
}

let sockets = 0;

/**
 * Runs all rounds of one case of a workload. The subjects alternate within each round, and each round starts with another
 * subject, so that a temporary load on the machine slows all of them. A subject that fails once does not run again.
 */
export async function playCase(workload, one, run) {
  const ids = subjectsOf(one).filter((id) => run.only === undefined || run.only.includes(id));
  const subjects = [];
  for (const id of ids) {
    const { adapter } = await import(`../adapters/${id}.js`);
    subjects.push({ id, name: adapter.name, package: adapter.package, adapter, rounds: [] });
  }
  const [{ key, digits }] = workload.metrics;
  const failures = [];
  for (let round = 0; round < run.rounds; round++) {
    const line = [];
    for (let i = 0; i < subjects.length; i++) {
      const subject = subjects[(i + round) % subjects.length];
      if (subject.failed !== undefined) continue;
      try {
        const report = await playSubject(workload, one, subject, run);
        subject.rounds.push(report);
        line.push(`${subject.id} ${brief(report[key], digits)}`);
      } catch (error) {
        subject.failed = error.message.split('\n')[0];
        failures.push(`${run.workload} ${one.name}: ${error.message}`);
        line.push(`${subject.id} FAILED`);
      }
    }
    console.log(`${run.workload} ${one.name} ${round + 1}/${run.rounds}: ${line.join(', ')}`);
  }
  for (const subject of subjects) subject.adapter = undefined;
  judge(workload, subjects);
  return { name: one.name, x: one.x, us: one.us, targets: one.targets, subjects, failures };
}

async function playSubject(workload, one, { id, adapter }, run) {
  const { warm, time } = workload;
  const { transport, raw, load, clients, connections, talk } = one;
  const place = { transport, raw, ...run.tls, path: join(run.dir, `${sockets++}.sock`) };
  // On a Unix socket, only a library with a separate server process uses the port.
  place.port = await freePort(transport);
  place.clientPort = await freePort(transport);
  const cores = one.cores && coresFor(one.cores);
  const job = {
    workload: run.workload,
    subject: id,
    place,
    warm,
    time,
    load,
    clients,
    connections,
    talk,
    cores,
  };
  const flags = [...(workload.flags ?? [])];
  if (run.profile) flags.push(...profileFlags(`${run.workload}.${one.name.replaceAll(' ', '-')}.${id}`));
  const report = await playRound(run.node, job, { forks: adapter.forks, flags });
  const { sent, received } = report;
  if (workload.lossy ? received < 1 || received > sent : received !== sent) {
    throw new Error(`${id}: ${sent} messages were sent, ${received} were received`);
  }
  return run.summarize ? run.summarize(report) : report;
}

function profileFlags(name) {
  mkdirSync(PROFILES, { recursive: true });
  return ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`, `--cpu-prof-name=${name}.ROLE.cpuprofile`];
}

/** Adds medians and ratios. A ratio is the median of a subject's figure divided by the figure of the reference in the same round. */
function judge(workload, subjects) {
  const played = subjects.filter(({ failed }) => failed === undefined);
  for (const subject of played) {
    subject.median = {};
    subject.ratio = {};
    for (const { key } of workload.metrics) {
      subject.median[key] = median(subject.rounds.map((round) => round[key]));
      subject.ratio[key] = {};
      for (const id of referencesOf(workload)) {
        const reference = played.find((other) => other.id === id);
        if (reference !== undefined) subject.ratio[key][id] = ratio(subject, reference, key);
      }
    }
  }
}

/** Returns the median over all rounds of one subject's figure divided by another's in the same round. */
export function ratio(subject, reference, key) {
  return median(subject.rounds.map((round, i) => round[key] / reference.rounds[i][key]));
}

/** Formats a number in few characters. */
export function brief(value, digits = 0) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)}M`;
  if (value >= 1e4) return `${(value / 1e3).toFixed(0)}k`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)}k`;
  return value.toFixed(digits);
}
