import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freshDirectory } from './places.js';
import { type Program, start } from './processes.js';

/** The outcome of the messages. */
export interface Tally {
  received: number;
  lost: number;
  duplicated: number;
  reordered: number;
  /** Messages delivered to a peer that crashed before it acknowledged them, and again to the process that replaced it. */
  repeated: number;
}

/** Peers that send each other numbered messages, and their records. */
export class Couriers {
  readonly rendezvous = join(freshDirectory(), 'rendezvous');
  readonly #notes = freshDirectory();
  readonly #programs = new Map<number, Program>();
  readonly #count: number;
  readonly #interval: number;
  /** The number of messages that the present peers have sent, by run. */
  readonly #sent = new Map<string, number>();

  /** @param interval the time in milliseconds between messages of a peer to each other peer */
  constructor(count: number, interval: number) {
    this.#count = count;
    this.#interval = interval;
  }

  /** Starts one, waits until it is open, and returns its number. */
  async add(): Promise<number> {
    const program = start('spec/fixtures/channel/courier.ts', [
      this.rendezvous,
      this.#notes,
      String(this.#count),
      String(this.#interval),
    ]);
    const [, number] = await program.waitForLine(/^up (\d+) /);
    this.#programs.set(Number(number), program);
    return Number(number);
  }

  /** Starts all of them, one after another. */
  async addAll(): Promise<void> {
    for (let i = 0; i < this.#count; i++) await this.add();
    await this.hub();
  }

  /** Returns the number of the hub of all peers. */
  async hub(): Promise<number> {
    const hubs = await Promise.all([...this.#programs.values()].map((program) => lastHub(program)));
    if (new Set(hubs).size !== 1) throw new Error(`The peers have several hubs: ${hubs.join(', ')}`);
    return hubs[0] as number;
  }

  /**
   * Kills the hub, and waits until all others have the next one.
   * @returns its number, and the time in milliseconds until the last peer had a hub again
   */
  async killHub(signal: NodeJS.Signals = 'SIGKILL'): Promise<{ number: number; gap: number }> {
    const number = await this.hub();
    const program = this.#programs.get(number) as Program;
    const since = performance.timeOrigin + performance.now();
    program.process.kill(signal);
    this.#programs.delete(number);
    const others = [...this.#programs.values()];
    const times = await Promise.all(others.map((other) => nextHub(other, since)));
    return { number, gap: Math.max(...times) - since };
  }

  /** Waits until all messages to living peers have arrived, ends all peers, and counts the messages. */
  async finish(): Promise<Tally> {
    const programs = [...this.#programs.values()];
    for (const { process } of programs) process.stdin.write('hush\n');
    for (const program of programs) {
      const [, run, sent] = await program.waitForLine(/^sent (\S+) (\d+)/);
      this.#sent.set(run as string, Number(sent));
    }
    const deadline = performance.now() + 60_000;
    while (this.#tally().lost > 0 && performance.now() < deadline) await pause(100);
    for (const { process } of programs) process.stdin.write('quit\n');
    await Promise.all(programs.map((program) => program.exited));
    return this.#tally();
  }

  /** After the end of all peers: the duration of the slowest message between present members, in milliseconds. */
  get longestDelay(): number {
    const delays = [...this.#programs.values()].map(({ stdout }) =>
      Number(stdout.match(/^delay (\S+)/m)?.[1]),
    );
    return Math.max(...delays);
  }

  /** Unexpected output of the peers. */
  get complaints(): string[] {
    return [...this.#programs.values()].flatMap(({ stdout, stderr }) =>
      [...stdout.split('\n'), ...stderr.split('\n')].filter(
        (line) => line && !/^(up|hub|sent|delay) /.test(line),
      ),
    );
  }

  #tally(): Tally {
    const tally: Tally = { received: 0, lost: 0, duplicated: 0, reordered: 0, repeated: 0 };
    /** The last message of each run to each number. */
    const lasts = new Map<string, number>();
    for (const file of this.#files()) {
      const number = file.split('.')[0] as string;
      const lines = new Set<string>();
      const senders = new Set<string>();
      for (const line of readFileSync(join(this.#notes, file), 'utf8').split('\n')) {
        if (line === '') continue;
        tally.received++;
        const [from = '', text = ''] = line.split(' ');
        const index = Number(text);
        const key = `${from} ${number}`;
        const last = lasts.get(key) ?? 0;
        if (lines.has(line)) tally.duplicated++;
        else if (index > last) tally.lost += index - last - 1;
        else if (senders.has(from)) tally.reordered++;
        else tally.repeated++;
        lines.add(line);
        senders.add(from);
        lasts.set(key, index);
      }
    }
    for (const [run, sent] of this.#sent) {
      for (let number = 1; number <= this.#count; number++) {
        tally.lost += sent - (lasts.get(`${run} ${number}`) ?? 0);
      }
    }
    return tally;
  }

  /** Returns the records of a number in the order of its runs. */
  #files(): string[] {
    const since = (file: string) => Number(file.split('.').slice(1, -1).join('.'));
    return readdirSync(this.#notes).sort((one, other) => since(one) - since(other));
  }
}

/** Returns the latest hub that a courier has reported. */
async function lastHub(program: Program): Promise<number> {
  const said = program.stdout.match(/^hub (\d+) /gm);
  if (said === null) return Number((await program.waitForLine(/^hub (\d+) /))[1]);
  return Number(said.at(-1)?.slice(4));
}

/** Returns the time at which a courier has reached its next hub. */
async function nextHub(program: Program, since: number): Promise<number> {
  const [, time] = await program.waitForLine(/^hub \d+ (\S+)/);
  return Number(time) > since ? Number(time) : nextHub(program, since);
}
