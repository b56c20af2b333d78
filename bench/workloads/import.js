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
  const reports = Array.from({ length: STARTS }, () => start(MODULES[subject]));
  const least = (key) => Math.min(...reports.map((report) => report[key]));
  return { sent: STARTS, time: least('time'), heap: least('heap'), resident: least('resident') };
}

function start(module) {
  const program = `
    globalThis.gc();
    const before = process.memoryUsage();
    const began = performance.now();
    await import(${JSON.stringify(module)});
    const time = performance.now() - began;
    globalThis.gc();
    const after = process.memoryUsage();
    process.stdout.write(JSON.stringify({ time, heap: after.heapUsed - before.heapUsed, resident: after.rss - before.rss }));
    process.exit();`;
  const args = ['--expose-gc', '--input-type=module', '--eval', program];
  const cwd = new URL('..', import.meta.url);
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
