import { join } from 'node:path';
import { Channel, type ChannelOptions } from '../../services/channel/index.js';
import { afterwards } from './afterwards.js';
import { freshDirectory } from './places.js';
import { type Program, start } from './processes.js';
import { until } from './warnings.js';

// biome-ignore lint/suspicious/noExplicitAny: what a channel without a contract takes
export type Loose = Record<string, any>;

/** A directory, not made yet, for peers to meet in. */
export function freshRendezvous(): string {
  return join(freshDirectory(), 'rendezvous');
}

/** A channel in this process, closed afterwards. */
export function channelAt<Contract extends object = Record<string, never[]>>(
  directory: string,
  options: ChannelOptions = {},
): Channel<Contract> {
  const channel = new Channel<Contract>({ name: 'peers', directory, heartbeat: 100, ...options });
  afterwards(() => channel.close({ timeout: 0 }));
  return channel;
}

/** So many channels in this process that are open, with the numbers from 1. */
export async function openChannels(directory: string, count: number): Promise<Channel[]> {
  const channels: Channel[] = [];
  for (let i = 0; i < count; i++) channels.push(await channelAt<Loose>(directory).ready());
  await until(() => channels.every(({ peers }) => peers.length === count));
  return channels;
}

/** The next `count` events, each with all its arguments. */
export async function messagesOf(channel: Channel, type: string, count: number): Promise<unknown[][]> {
  const found: unknown[][] = [];
  await new Promise<void>((resolve) => {
    channel.on(type, (...args: unknown[]) => {
      found.push(args);
      if (found.length === count) resolve();
    });
  });
  return found;
}

/** A peer in a process of its own: see spec/fixtures/channel/peer.ts. */
export class PeerProcess {
  readonly program: Program;

  constructor(directory: string, options: ChannelOptions = {}) {
    this.program = start('spec/fixtures/channel/peer.ts', [directory, JSON.stringify(options)]);
  }

  /** Its number, once it is up. */
  async up(timeout?: number): Promise<number> {
    const [, number] = await this.program.waitForLine(/^up (\d+)/, timeout);
    return Number(number);
  }

  /** Waits for something it says. */
  says(line: string | RegExp, timeout?: number): Promise<RegExpMatchArray> {
    return this.program.waitForLine(typeof line === 'string' ? new RegExp(`^${line}$`) : line, timeout);
  }

  /** Has it do something. */
  tell(...words: (string | number)[]): void {
    this.program.process.stdin.write(`${words.join(' ')}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.program.process.kill(signal);
  }
}

/** So many peers in processes of their own, one after the other: their numbers are their indices, and 1 is the hub. */
export async function peerProcesses(directory: string, count: number): Promise<PeerProcess[]> {
  const peers: PeerProcess[] = [];
  for (let i = 0; i < count; i++) {
    const peer = new PeerProcess(directory);
    await peer.says('hub 1');
    peers.push(peer);
  }
  return peers;
}
