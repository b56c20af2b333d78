import { freshRendezvous } from '../support/channels.js';
import { type Program, start } from '../support/processes.js';
import { type Figures, hold, until } from './promise.js';

/** What a member has said: a number of a member, and when, in milliseconds of {@link now}. */
interface Said {
  readonly number: number;
  readonly time: number;
}

/** Starts many members at once, each in a process of its own; lets one send to all; and kills the hub. */
export async function crowd(count: number): Promise<Figures> {
  const crowd = new Crowd(count);
  const begun = now();
  const numbers = (await crowd.hear(/^up (\d+) (\S+)/)).map(({ number }) => number);
  hold(
    new Set(numbers).size === count && Math.max(...numbers) === count,
    `${count} members have the numbers ${[...numbers].sort()}`,
  );
  const complete = latest(await crowd.hear(/^complete (\d+) (\S+)/));
  const hub = await crowd.hub();
  const idle = await crowd.memory();
  const first = await crowd.sendToAll();
  const second = await crowd.sendToAll();
  const connected = await crowd.memory();
  const killed = now();
  await crowd.kill(numbers.indexOf(hub));
  const gap = latest(await crowd.hear(/^hub (\d+) (\S+)/, killed)) - killed;
  const next = await crowd.hub();
  hold(next !== hub, `${count} members are still at the hub ${hub}, which was killed`);
  await crowd.end();
  return {
    crowd: count,
    crowd_numbers: new Set(numbers).size,
    crowd_up_ms: Math.round(complete - begun),
    crowd_to_all_ms: Math.round(first),
    crowd_to_all_again_ms: Math.round(second),
    crowd_gap_ms: Math.round(gap),
    crowd_memory_mib: `${idle} a member, ${connected} once one has sent to all`,
  };
}

class Crowd {
  readonly #members: Program[];
  readonly #patience: number;

  constructor(count: number) {
    const directory = freshRendezvous();
    const member = () => start('spec/fixtures/channel/crowd-member.ts', [directory, String(count)]);
    this.#members = Array.from({ length: count }, member);
    // A busy machine takes seconds to start each process.
    this.#patience = 30_000 + count * 2000;
  }

  /** Waits until each member has said something, after a time if one is given. */
  hear(line: RegExp, after = 0): Promise<Said[]> {
    return Promise.all(this.#members.map((member) => this.#hear(member, line, after)));
  }

  /** Waits until all members have the same hub, and returns its number. */
  async hub(): Promise<number> {
    const hubs = () => new Set(this.#members.map(({ stdout }) => stdout.match(/^hub \d+/gm)?.at(-1)));
    await until('the members have one hub', () => hubs().size === 1, this.#patience);
    return Number([...hubs()][0]?.slice('hub '.length));
  }

  /** Has a member send a message to all; returns how long it takes until the last one has it, in milliseconds. */
  async sendToAll(): Promise<number> {
    const begun = now();
    (this.#members[0] as Program).process.stdin.write('send\n');
    return latest(await this.hear(/^message (\d+) (\S+)/, begun)) - begun;
  }

  /** The median of what the processes occupy: not shared with others, and in all. */
  async memory(): Promise<string> {
    const own: number[] = [];
    for (const member of this.#members) {
      member.process.stdin.write('memory\n');
      own.push(Number((await member.waitForLine(/^memory (\S+)/, this.#patience))[1]));
    }
    return String(own.sort((one, other) => one - other)[own.length >> 1]);
  }

  async kill(index: number): Promise<void> {
    const [member] = this.#members.splice(index, 1) as [Program];
    await member.kill();
  }

  async end(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()));
  }

  async #hear(member: Program, line: RegExp, after: number): Promise<Said> {
    const [, number, time] = await member.waitForLine(line, this.#patience);
    if (Number(time) > after) return { number: Number(number), time: Number(time) };
    return this.#hear(member, line, after);
  }
}

/** The clock of all processes. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function latest(said: readonly Said[]): number {
  return Math.max(...said.map(({ time }) => time));
}
