import { spawnSync } from 'node:child_process';

/** The modules that a program loads: both libraries, and the modules of Node that both use. */
const MODULES = {
  bare: 'node:net',
  'omni-ipc': new URL('../../dist/index.mjs', import.meta.url).href,
  'node-ipc-14': 'node-ipc',
};
const STARTS = 5;

export const workload = {
  title: 'What a program pays to import the library',
  metrics: [
    { key: 'time', label: 'ms until it is imported', better: 'less', digits: 2 },
    { key: 'heap', label: 'bytes of heap it adds', better: 'less' },
    { key: 'resident', label: 'bytes of resident memory it adds', better: 'less' },
  ],
  cases: [{ name: 'fresh process', transport: 'unix', subjects: ['bare', 'omni-ipc', 'node-ipc-14'] }],
  targets: [
    { metric: 'time', against: 'node-ipc-14', atMost: 1 },
    { metric: 'heap', against: 'node-ipc-14', atMost: 1 },
  ],
};

/** The server does nothing, because the client measures without it. */
export async function server(_adapter, _place, { ready, over }) {
  ready();
  await over;
  return { received: STARTS };
}

/** Starts programs one after another that only import the module, and reports the fastest and the smallest. */
export async function client(_adapter, _place, { subject }) {
  const module = MODULES[subject];
  const times = Array.from({ length: STARTS }, () => start(TIMED, module).time);
  const added = Array.from({ length: STARTS }, () => start(WEIGHED, module, '--expose-gc'));
  const least = (key) => Math.min(...added.map((report) => report[key]));
  return { sent: STARTS, time: Math.min(...times), heap: least('heap'), resident: least('resident') };
}

/** Without `--expose-gc`, with which Node refuses its own code cache and compiles its modules again. */
const TIMED = (module) => `
  const began = performance.now();
  await import(${module});
  report({ time: performance.now() - began });`;

const WEIGHED = (module) => `
  globalThis.gc();
  const before = process.memoryUsage();
  await import(${module});
  globalThis.gc();
  const after = process.memoryUsage();
  report({ heap: after.heapUsed - before.heapUsed, resident: after.rss - before.rss });`;

function start(program, module, ...flags) {
  const code = `${program(JSON.stringify(module))}
    function report(measured) {
      process.stdout.write(JSON.stringify(measured));
      process.exit();
    }`;
  const args = [...flags, '--input-type=module', '--eval', code];
  const cwd = new URL('..', import.meta.url);
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
