import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterwards } from '../support/afterwards.js';
import { Hosts, withoutNamespaces } from '../support/namespaces.js';
import { withoutNats } from '../support/nats.js';
import { freshDirectory } from '../support/places.js';
import { Program } from '../support/processes.js';
import { built, projectRoot } from '../support/project.js';
import { type Figures, hold } from './promise.js';

/** The extent of the campaign. The interval is the time in milliseconds between messages of a member to each other member. */
const LONG = { rounds: 30, interval: 40, members: 8 };

const SERVER = 'nats://10.77.0.1:4222';

/** Members on two hosts and a server on a third, through faults of all kinds. */
export async function soak(settings: Partial<typeof LONG> = {}): Promise<Figures> {
  const missing = withoutNats ?? withoutNamespaces();
  if (missing !== undefined) return { skipped: missing };
  const { rounds, interval, members } = { ...LONG, ...settings };
  const crew = new Crew(members, interval);
  await crew.begin();
  const faults = [
    () => crew.partition(1, 1500),
    () => crew.restart('SIGTERM'),
    () => crew.killMember(),
    () => crew.partition(2, 5000),
    () => crew.restart('SIGKILL'),
    () => crew.jumpClocks(),
    () => crew.stopMember(1500),
    () => crew.killMember(),
    () => crew.restart('SIGKILL', 5000),
    () => crew.partition(1, 5000),
  ];
  for (let round = 0; round < rounds; round++) {
    await (faults[round % faults.length] as () => Promise<void>)();
    await pause(1500);
  }
  const tally = await crew.finish();
  const { lost, duplicated, reordered } = tally;
  hold(lost + duplicated + reordered === 0, `messages: ${JSON.stringify(tally)}`);
  const { overlaps } = crew;
  hold(overlaps.length === 0, `numbers held twice: ${overlaps.join('; ')}`);
  const deaths = crew.deaths.sort((one, other) => one - other);
  return {
    faults: rounds,
    ...tally,
    numbers_held_twice: overlaps.length,
    members_killed: crew.killed,
    death_learnt_median_ms: Math.round(deaths[Math.floor(deaths.length / 2)] ?? 0),
    death_learnt_longest_ms: Math.round(deaths.at(-1) ?? 0),
  };
}

interface Courier {
  readonly name: string;
  readonly program: Program;
  readonly run: string;
}

/** The time during which one member relied on its number, on a shared clock, in microseconds. */
interface Holding {
  readonly number: number;
  readonly run: string;
  readonly from: number;
  readonly to: number;
}

/** The members, their server, and the outcome of the messages. */
class Crew {
  readonly deaths: number[] = [];
  killed = 0;
  readonly #hosts = new Hosts(3);
  readonly #store = freshDirectory();
  readonly #notes = freshDirectory();
  readonly #names: readonly string[];
  readonly #interval: number;
  readonly #couriers = new Map<string, Courier>();
  readonly #past: { courier: Courier; ended: number }[] = [];
  readonly #sent = new Map<string, number>();
  #server: ChildProcess | undefined;
  #runs = 0;

  constructor(count: number, interval: number) {
    this.#names = Array.from({ length: count }, (_, i) => `m${i}`);
    this.#interval = interval;
    afterwards(() => this.#server?.kill('SIGKILL'));
  }

  async begin(): Promise<void> {
    await this.#serve();
    for (const name of this.#names) await this.#add(name);
  }

  /** Disconnects the network of a host for some milliseconds. */
  async partition(host: number, milliseconds: number): Promise<void> {
    this.#hosts.cut(host);
    await pause(milliseconds);
    this.#hosts.cut(host, false);
  }

  async restart(signal: NodeJS.Signals, milliseconds = 300): Promise<void> {
    const server = this.#server as ChildProcess;
    const ended = new Promise((resolve) => {
      server.once('exit', resolve);
    });
    server.kill(signal);
    await ended;
    await pause(milliseconds);
    await this.#serve();
  }

  /** Kills a member, waits until the others know, and starts it again. */
  async killMember(): Promise<void> {
    await this.settle();
    const name = this.#names[this.killed++ % this.#names.length] as string;
    const courier = this.#couriers.get(name) as Courier;
    const others = [...this.#couriers.values()].filter((other) => other !== courier);
    const since = now();
    const learnt = others.map((other) => timeOf(other.program, new RegExp(`^leave ${name} (\\d+)`), since));
    await courier.program.kill();
    this.#past.push({ courier, ended: since });
    for (const time of await Promise.all(learnt)) this.deaths.push((time - since) / 1000);
    await this.#add(name);
  }

  /** Waits until all members know each other after a fault. */
  async settle(): Promise<void> {
    for (;;) {
      const counts = [...this.#couriers.values()].map(async ({ program }) => {
        program.process.stdin.write('peers\n');
        return Number((await program.waitForLine(/^peers (\d+)/, 60_000))[1]);
      });
      if ((await Promise.all(counts)).every((count) => count === this.#names.length)) return;
      await pause(100);
    }
  }

  /** Changes the clocks of all members by an hour, and back. */
  async jumpClocks(): Promise<void> {
    for (const { program } of this.#couriers.values()) program.process.stdin.write('jump 3600000\n');
    await pause(2000);
    for (const { program } of this.#couriers.values()) program.process.stdin.write('jump -3600000\n');
  }

  async stopMember(milliseconds: number): Promise<void> {
    const { program } = this.#couriers.get(this.#names.at(-1) as string) as Courier;
    program.process.kill('SIGSTOP');
    await pause(milliseconds);
    program.process.kill('SIGCONT');
  }

  /** Waits until all messages to living members have arrived, and counts them. */
  async finish() {
    const couriers = [...this.#couriers.values()];
    for (const { program } of couriers) program.process.stdin.write('hush\n');
    for (const { program, run } of couriers) {
      this.#sent.set(run, Number((await program.waitForLine(/^sent (\d+)/, 30_000))[1]));
    }
    const deadline = performance.now() + 60_000;
    while (this.#tally().lost > 0 && performance.now() < deadline) await pause(500);
    const ended = now();
    for (const courier of couriers) this.#past.push({ courier, ended });
    for (const { program } of couriers) program.process.stdin.write('quit\n');
    await Promise.all(couriers.map(({ program }) => program.exited));
    return this.#tally();
  }

  /** Finds numbers on which two members relied at the same time. */
  get overlaps(): string[] {
    const holdings = this.#past.flatMap(({ courier, ended }) => holdingsOf(courier, ended));
    const found: string[] = [];
    for (const [i, one] of holdings.entries()) {
      for (const other of holdings.slice(i + 1)) {
        if (one.number !== other.number || one.run === other.run) continue;
        if (one.from < other.to && other.from < one.to)
          found.push(`${one.number} by ${one.run} and ${other.run}`);
      }
    }
    return found;
  }

  #tally() {
    const tally = { received: 0, lost: 0, duplicated: 0, reordered: 0, repeated_after_a_crash: 0 };
    /** The last message of each run to each name. */
    const lasts = new Map<string, number>();
    const runOf = (file: string) => Number(file.split('.')[1]);
    for (const file of readdirSync(this.#notes).sort((one, other) => runOf(one) - runOf(other))) {
      const [name = ''] = file.split('.');
      const seen = new Set<string>();
      const senders = new Set<string>();
      for (const line of readFileSync(join(this.#notes, file), 'utf8').split('\n')) {
        const [from, text] = line.split(' ');
        if (from === undefined || text === undefined) continue;
        tally.received++;
        const index = Number(text);
        const key = `${from} ${name}`;
        const last = lasts.get(key) ?? 0;
        if (seen.has(line)) tally.duplicated++;
        else if (index > last) tally.lost += index - last - 1;
        else if (senders.has(from)) tally.reordered++;
        else tally.repeated_after_a_crash++;
        seen.add(line);
        senders.add(from);
        lasts.set(key, Math.max(last, index));
      }
    }
    for (const [run, sent] of this.#sent) {
      for (const name of this.#names) tally.lost += sent - (lasts.get(`${run} ${name}`) ?? 0);
    }
    return tally;
  }

  async #serve(): Promise<void> {
    const arguments_ = ['-js', '-sd', this.#store, '-a', '10.77.0.1', '-p', '4222'];
    const [command, ...rest] = this.#hosts.command(0, 'nats-server', ...arguments_);
    const server = spawn(command, rest, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.stderr?.on('data', (text: Buffer) => {
        if (text.includes('Server is ready')) resolve();
      });
    });
  }

  async #add(name: string): Promise<void> {
    const run = `${name}.${++this.#runs}`;
    const host = 1 + (this.#names.indexOf(name) % 2);
    const script = join(built, 'spec/fixtures/channel/nats-courier.js');
    const [command, ...rest] = this.#hosts.command(host, process.execPath, script);
    const notes = join(this.#notes, run);
    const args = [SERVER, name, this.#names.join(), notes, String(this.#interval), run];
    const program = new Program(command, [...rest, ...args], { cwd: projectRoot, env: process.env });
    afterwards(() => program.kill());
    this.#couriers.set(name, { name, program, run });
    await program.waitForLine(/^up (\d+)/, 60_000);
  }
}

function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Returns the time at which a program prints something. */
async function timeOf(program: Program, line: RegExp, since: number): Promise<number> {
  const [, time] = await program.waitForLine(line, 60_000);
  return Number(time) >= since ? Number(time) : timeOf(program, line, since);
}

function holdingsOf({ program, run }: Courier, ended: number): Holding[] {
  const holdings: Holding[] = [];
  let since: { number: number; from: number } | undefined;
  for (const [, text, time] of program.stdout.matchAll(/^number (\d+) \d+ (\d+)/gm)) {
    if (since !== undefined) holdings.push({ ...since, run, to: Number(time) });
    since = Number(text) === 0 ? undefined : { number: Number(text), from: Number(time) };
  }
  if (since !== undefined) holdings.push({ ...since, run, to: ended });
  return holdings;
}
