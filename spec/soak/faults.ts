import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { IPCError } from '../../entities/errors.js';
import { afterwards } from '../support/afterwards.js';
import { failure, once } from '../support/events.js';
import { freshIPC } from '../support/instances.js';
import { freshDirectory } from '../support/places.js';
import { start } from '../support/processes.js';
import { Enemy } from './enemy.js';
import { Ledger } from './ledger.js';
import { Meddler } from './meddler.js';
import { type Figures, hold } from './promise.js';
import { freshSeed, seeded } from './random.js';
import { Target } from './target.js';
import { Witness } from './witness.js';

const MISCHIEF = { delay: 0.1, split: 0.2, merge: 0.2, cut: 0.03 };

/** The extent of the campaign. */
const LONG = { messages: 20_000, requests: 10_000, cuts: 200, kills: 60, held: 100, seed: freshSeed() };

/** Connections that are cut, servers that are killed, and systems without free resources. */
export async function soak(settings: Partial<typeof LONG> = {}): Promise<Figures> {
  const scale = { ...LONG, ...settings };
  return {
    seed: scale.seed,
    ...(await mischief(scale.messages, scale.seed)),
    ...(await requests(scale.requests, scale.cuts, scale.seed)),
    ...(await kills(scale.kills)),
    ...(await absence(scale.held)),
    ...(await directories()),
    ...(await fullDisk()),
    ...(await fewDescriptors()),
    ...(await clockJumps()),
  };
}

/** Sends messages through a meddler that delays, splits, merges and cuts. Flushed messages arrive once and in order. */
export async function mischief(messages: number, seed: number): Promise<Figures> {
  const path = `${freshDirectory()}/s`;
  const server = await freshIPC().serve(path).start();
  const heard: number[] = [];
  server.on('number', (number: number) => heard.push(number));
  const meddler = await new Meddler(path, seeded(seed), MISCHIEF).listen();
  const client = await freshIPC({ retry: 1 }).connectTo('world', meddler.path).ready();
  const ledger = new Ledger(client);
  while (ledger.said < messages) await ledger.say(20);
  meddler.mischief = { ...MISCHIEF, cut: 0 };
  await client.ping();
  ledger.check(heard);
  await client.close();
  await server.stop();
  const { cuts, splits, merges, delays } = meddler;
  hold(cuts > 0, 'the meddler cut nothing');
  return {
    messages: ledger.said,
    messages_flushed: ledger.certain.length,
    messages_lost: 0,
    messages_doubled: 0,
    meddling: `${cuts} cuts, ${splits} splits, ${merges} merges, ${delays} delays`,
  };
}

/** Sends requests with retries through cuts. Each gets the right answer, and its handler runs once. */
export async function requests(count: number, cuts: number, seed: number): Promise<Figures> {
  const path = `${freshDirectory()}/s`;
  const server = await freshIPC().serve(path).start();
  const runs = new Uint32Array(count);
  server.handle('double', async (number: number) => {
    runs[number] = (runs[number] as number) + 1;
    if (number % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    return number * 2;
  });
  const random = seeded(seed);
  const meddler = await new Meddler(path, random, { ...MISCHIEF, cut: 0 }).listen();
  const client = await freshIPC({ retry: 1 }).connectTo('world', meddler.path).ready();
  let next = 0;
  let answered = 0;
  const ask = async () => {
    while (next < count) {
      const number = next++;
      const options = { retries: Number.POSITIVE_INFINITY, timeout: 60_000 };
      const answer = await client.request('double', number, options);
      hold(answer === number * 2, `the double of ${number} was said to be ${answer}`);
      answered++;
      if (meddler.cuts < cuts && answered >= ((meddler.cuts + 1) * count) / (cuts + 1)) meddler.cut();
    }
  };
  await Promise.all(Array.from({ length: 50 }, ask));
  const ran = runs.reduce((sum, many) => sum + many, 0);
  hold(ran === count && runs.every((many) => many === 1), `${count} requests made ${ran} runs`);
  hold(meddler.cuts >= cuts, `there were ${meddler.cuts} cuts only`);
  await client.close();
  await server.stop();
  return { requests: count, answers: answered, handler_runs: ran, request_cuts: meddler.cuts };
}

/** Kills a server and starts it again. It has received everything that was flushed to it once and in order. */
export async function kills(count: number): Promise<Figures> {
  const target = await new Target('local', { tells: true }).start();
  const client = await target.connect({ retry: 5 }).ready();
  const ledger = new Ledger(client);
  let talking = true;
  const talk = (async () => {
    while (talking) {
      await ledger.say(10);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  const heard: number[] = [];
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100 + Math.random() * 200));
    await target.program?.kill('SIGKILL');
    heard.push(...heardBy(target));
    await target.start();
  }
  await client.ready();
  talking = false;
  await talk;
  client.destroy();
  await target.stop();
  heard.push(...heardBy(target));
  ledger.check(heard);
  return {
    kills: count,
    kill_messages: ledger.said,
    kill_flushed: ledger.certain.length,
    kill_lost: 0,
    kill_doubled: 0,
  };
}

function heardBy(target: Target): number[] {
  const lines = target.program?.stdout.matchAll(/^heard (\d+)$/gm) ?? [];
  return [...lines].map(([, number]) => Number(number));
}

/** Emits messages while the server is away. They are sent first, in order, when it is back. */
export async function absence(rounds: number): Promise<Figures> {
  const path = `${freshDirectory()}/s`;
  const server = freshIPC().serve(path);
  const heard: number[] = [];
  server.on('number', (number: number) => heard.push(number));
  await server.start();
  const client = await freshIPC({ retry: 1 }).connectTo('world', path).ready();
  let said = 0;
  for (let round = 0; round < rounds; round++) {
    const gone = once(client, 'disconnect');
    await server.stop({ timeout: 1000 });
    await gone;
    for (let i = 0; i < 50; i++) client.emit('number', said++);
    await server.start();
    await client.ready();
    client.emit('number', said++);
    await client.ping();
  }
  hold(
    heard.length === said && heard.every((number, i) => number === i),
    `${said} were held, ${heard.length} heard`,
  );
  await client.close();
  await server.stop();
  return { returns: rounds, held_messages: said, held_lost: 0, held_out_of_order: 0 };
}

/** Starts a server with a missing or read-only directory. The error is clear, and the server starts when the fault is fixed. */
export async function directories(): Promise<Figures> {
  const directory = `${freshDirectory()}/missing/deeper`;
  const server = freshIPC().serve(`${directory}/s`);
  const client = freshIPC({ retry: 5 }).connectTo('world', `${directory}/s`);
  await refused(server.start(), 'a missing directory');
  mkdirSync(directory, { mode: 0o755, recursive: true });
  let unwritable = 'not tried: it needs root, whose rights can be put aside';
  if (process.getuid?.() === 0) {
    process.seteuid?.('nobody');
    const starting = server.start();
    try {
      await refused(starting, 'a directory that is not writable');
    } finally {
      process.seteuid?.(0);
    }
    unwritable = 'refused, then started';
  }
  await server.start();
  await client.ready();
  await client.close();
  await server.stop();
  return { missing_directory: 'refused, then started', unwritable_directory: unwritable };
}

/** Starts a server on a full disk. */
export async function fullDisk(): Promise<Figures> {
  const directory = freshDirectory();
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4k,nr_inodes=1', 'tmpfs', directory]);
  if (mounted.status !== 0) return { full_disk: 'not tried: this system lets nobody mount here' };
  afterwards(() => spawnSync('umount', ['-l', directory]));
  const server = freshIPC().serve(`${directory}/s`);
  await refused(server.start(), 'a full disk');
  spawnSync('mount', ['-o', 'remount,size=64k,nr_inodes=20', directory]);
  await server.start();
  const client = await freshIPC().connectTo('world', `${directory}/s`).ready();
  await client.close();
  await server.stop();
  spawnSync('umount', [directory]);
  return { full_disk: 'refused, then started' };
}

async function refused(starting: Promise<unknown>, because: string): Promise<void> {
  const error = await failure(starting);
  hold(error instanceof IPCError, `${because} led to ${error}`);
  hold(/^ERR_IPC_(ADDRESS|LISTEN)$/.test(error.code), `${because} led to ${error.code}: ${error.message}`);
}

/** A server without free file descriptors continues with its connections, and accepts new clients when there is room. */
export async function fewDescriptors(): Promise<Figures> {
  if (process.platform === 'win32') return { few_descriptors: 'not tried: this system has no ulimit' };
  const target = new Target('local', { settings: { maxConnections: 10_000 } });
  // Node opens many modules of the program at once.
  await target.start('-n 256');
  const witness = await new Witness(target.connect()).start();
  const enemies = Array.from({ length: 400 }, () => new Enemy(target));
  await witness.check('out of file descriptors');
  const spent = () =>
    witness.client.request('processor') as Promise<Record<'milliseconds' | 'time' | 'connections', number>>;
  const before = await spent();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const after = await spent();
  const busy = Math.round((100 * (after.milliseconds - before.milliseconds)) / (after.time - before.time));
  hold(busy < 80, `a server out of file descriptors is busy: ${busy} % of the time`);
  for (const enemy of enemies) enemy.leave();
  const late = await target.connect().ready();
  await late.ping();
  await witness.stop();
  witness.client.destroy();
  await late.close();
  await target.stop();
  return {
    few_descriptors: `${after.connections} of ${enemies.length + 2} connections taken, then new ones again`,
    busy_percent: busy,
  };
}

/** Changes the clock by years. No timeout is early or late. */
export async function clockJumps(): Promise<Figures> {
  const program = start('spec/soak/programs/clock.ts', [`${freshDirectory()}/s`]);
  const { code } = await program.exited;
  hold(code === 0, `with a clock that jumps: ${program.stdout}${program.stderr}`);
  return { clock: program.stdout.trim() };
}
