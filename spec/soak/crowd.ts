import { freshRendezvous } from '../support/channels.js';
import { type Program, start } from '../support/processes.js';
import { type Figures, hold, until } from './promise.js';

/** What a member has said: a number of a member, and when, in milliseconds of {@link now}. */
interface Said {
  readonly number: number;
  readonly time: number;
}

/** Lets many processes join at once, one of them send to all, and the others find another hub when theirs is killed. */
export async function crowd(count: number): Promise<Figures> {
  const crowd = await Crowd.load(count);
  const before = await crowd.cost();
  const begun = now();
  crowd.tell('join');
  const numbers = (await crowd.hear(/^up (\d+) (\S+)/)).map(({ number }) => number);
  hold(
    new Set(numbers).size === count && Math.max(...numbers) === count,
    `${count} members have the numbers ${[...numbers].sort()}`,
  );
  const joined = latest(await crowd.hear(/^complete (\d+) (\S+)/)) - begun;
  const hub = await crowd.hub();
  const joining = await crowd.cost();
  const first = await crowd.sendToAll();
  const sending = await crowd.cost();
  const second = await crowd.sendToAll();
  const killed = now();
  await crowd.kill(numbers.indexOf(hub));
  const gap = latest(await crowd.hear(/^hub (\d+) (\S+)/, killed)) - killed;
  const next = await crowd.hub();
  hold(next !== hub, `${count} members are still at the hub ${hub}, which was killed`);
  const replacing = await crowd.cost();
  await crowd.end();
  return {
    crowd: count,
    crowd_numbers: new Set(numbers).size,
    crowd_up_ms: Math.round(joined),
    crowd_to_all_ms: `${Math.round(first)}, then ${Math.round(second)}`,
    crowd_gap_ms: Math.round(gap),
    crowd_processor_ms: `${joining.processor} to join, ${sending.processor} to send to all, ${replacing.processor} for that again and another hub`,
    crowd_member_mib: `${before.memory}, ${joining.memory} as a member, ${sending.memory} once one has sent to all`,
  };
}

class Crowd {
  readonly #members: Program[];
  readonly #patience: number;

  private constructor(count: number) {
    const directory = freshRendezvous();
    const member = () => start('spec/fixtures/channel/crowd-member.ts', [directory, String(count)]);
    this.#members = Array.from({ length: count }, member);
    // A busy machine takes seconds to start each process.
    this.#patience = 30_000 + count * 2000;
  }

  /** Starts the processes. They do not join yet. */
  static async load(count: number): Promise<Crowd> {
    const crowd = new Crowd(count);
    await Promise.all(crowd.#members.map((member) => member.waitForLine(/^loaded/, crowd.#patience)));
    return crowd;
  }

  tell(command: string, members: readonly Program[] = this.#members): void {
    for (const { process } of members) process.stdin.write(`${command}\n`);
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

  /** Lets a member send a message to all; returns how long it takes until the last one has it, in milliseconds. */
  async sendToAll(): Promise<number> {
    const begun = now();
    this.tell('send', this.#members.slice(0, 1));
    return latest(await this.hear(/^message (\d+) (\S+)/, begun)) - begun;
  }

  /** The median of the MiB that a process occupies alone, and the milliseconds of processor time of all since the last call. */
  async cost(): Promise<{ memory: number; processor: number }> {
    this.tell('cost');
    const said = this.#members.map((member) => member.waitForLine(/^cost (\S+) (\S+)/, this.#patience));
    const costs = (await Promise.all(said)).map(
      ([, memory, spent]) => [Number(memory), Number(spent)] as const,
    );
    const memory = costs.map(([mebibytes]) => mebibytes).sort((one, other) => one - other);
    const processor = Math.round(costs.reduce((sum, [, spent]) => sum + spent, 0));
    return { memory: memory[memory.length >> 1] ?? 0, processor };
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
