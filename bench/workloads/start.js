import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STARTS = 5;
const SUBJECTS = ['bare', 'omni-ipc', 'node-ipc-14', 'net-ipc'];

/** Measures a new process that imports the library, connects, and gets the first answer, as a short program does. */
export const workload = {
  title: 'From import to the first answer',
  metrics: [{ key: 'time', label: 'ms until the first message is answered', better: 'less', digits: 1 }],
  cases: [
    { name: 'fresh process', transport: 'unix', subjects: SUBJECTS },
    { name: 'with NODE_COMPILE_CACHE', transport: 'unix', load: { cache: true }, subjects: SUBJECTS },
  ],
  targets: [{ metric: 'time', against: 'node-ipc-14', atMost: 1 }],
};

/** Echoes each message. */
export async function server(adapter, place, { ready, over }) {
  let received = 0;
  const { send } = await adapter.serve(
    place,
    (data, peer) => {
      received++;
      send(peer, data);
    },
    (data) => {
      received++;
      return data;
    },
  );
  ready();
  await over;
  return { received };
}

/** Starts programs one after another, and reports the fastest. They send a request if the library has requests. */
export async function client(_adapter, place, { subject, load }) {
  const module = new URL(`../adapters/${subject}.js`, import.meta.url).href;
  const cache = load?.cache ? mkdtempSync(join(tmpdir(), 'bench-cache-')) : undefined;
  // The first start fills the cache.
  const times = Array.from({ length: STARTS }, () => start(module, place, cache));
  if (cache !== undefined) rmSync(cache, { recursive: true });
  return { sent: STARTS, time: Math.min(...times) };
}

function start(module, place, cache) {
  const program = `
    const began = performance.now();
    const { adapter } = await import(${JSON.stringify(module)});
    let answered;
    const echoed = new Promise((resolve) => { answered = resolve; });
    const { send, request } = await adapter.connect(${JSON.stringify(place)}, (data) => answered(data));
    const data = { n: 1, text: 'first' };
    if (request === undefined) send(data);
    else request(data).then(answered);
    if ((await echoed).n !== 1) throw new Error('the answer is wrong');
    process.stdout.write(String(performance.now() - began), () => process.exit());`;
  const args = ['--input-type=module', '--eval', program];
  const cwd = new URL('..', import.meta.url);
  const env = { ...process.env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }) };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}
