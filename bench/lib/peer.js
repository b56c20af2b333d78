// One side of a round, in its own process. The first argument is its job. It writes its results to standard output and exits
// after that; the server exits only after its standard input has ended.
import { fork } from 'node:child_process';
import { Worker } from 'node:worker_threads';
import { pin } from './pin.js';
import { say } from './talk.js';

const job = JSON.parse(process.argv[2]);
const { adapter } = await import(`../adapters/${job.subject}.js`);
const workload = await import(`../workloads/${job.workload}.js`);

if (job.cores !== undefined) pin(job.cores[job.role]);

process.on('uncaughtException', leave);
process.on('unhandledRejection', leave);

function leave(error) {
  process.stdout.write(`${JSON.stringify({ failed: String(error?.stack ?? error) })}\n`, () =>
    process.exit(1),
  );
}

/** Runs subjects whose server must start its client itself. */
function forkClient(serialization) {
  return fork(process.argv[1], [JSON.stringify({ ...job, role: 'client', other: process.pid })], {
    serialization,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: process.execArgv.map((flag) => flag.replace('.server.', '.client.')),
  });
}

/** Runs a subject whose client is a thread of the server's process. */
function startWorker() {
  const worker = new Worker(new URL(import.meta.url), {
    argv: [JSON.stringify({ ...job, role: 'client' })],
  });
  worker.on('error', leave);
  return worker;
}

const over = new Promise((resolve) => process.stdin.resume().on('end', resolve));
const place = { ...job.place, forkClient, startWorker };
const report = await workload[job.role](adapter, place, { ...job, ready: () => say({ ready: true }), over });
process.stdout.write(`${JSON.stringify({ report, role: job.role })}\n`, () => process.exit(0));
