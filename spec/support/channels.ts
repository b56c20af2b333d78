import { join } from 'node:path';
import { Channel, type ChannelOptions } from '../../services/channel/index.js';
import { afterwards } from './afterwards.js';
import { freshDirectory } from './places.js';
import { type Program, start } from './processes.js';
import { until } from './warnings.js';

// biome-ignore lint/suspicious/noExplicitAny: a channel without a contract accepts this
export type Loose = Record<string, any>;

/**
 * The heartbeat of channels in milliseconds. Three unanswered ones make members replace their hub, which must not happen to a process
 * that a busy machine does not schedule for a moment.
 */
export const HEARTBEAT = 400;

/** Returns the path of a directory for the channel, which does not exist yet. */
export function freshRendezvous(): string {
  return join(freshDirectory(), 'rendezvous');
}

/** Returns a channel in this process, which is closed afterwards. */
export function channelAt<Contract extends object = Record<string, never[]>>(
  directory: string,
  options: ChannelOptions = {},
): Channel<Contract> {
  const channel = new Channel<Contract>({ name: 'peers', directory, heartbeat: HEARTBEAT, ...options });
  afterwards(() => channel.close({ timeout: 0 }));
  return channel;
}

/** Opens a number of channels in this process, with the numbers from 1. */
export async function openChannels(directory: string, count: number): Promise<Channel[]> {
  const channels: Channel[] = [];
  for (let i = 0; i < count; i++) channels.push(await channelAt<Loose>(directory).ready());
  await until(() => channels.every(({ peers }) => peers.length === count));
  return channels;
}

/** Waits for the next `count` events, each with all its arguments. */
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

/** A peer in a separate process: see spec/fixtures/channel/peer.ts. */
export class PeerProcess {
  readonly program: Program;

  constructor(directory: string, options: ChannelOptions = {}) {
    this.program = start('spec/fixtures/channel/peer.ts', [
      directory,
      JSON.stringify({ heartbeat: HEARTBEAT, ...options }),
    ]);
  }

  /** Its number, once it is open. */
  async up(timeout?: number): Promise<number> {
    const [, number] = await this.program.waitForLine(/^up (\d+)/, timeout);
    return Number(number);
  }

  /** Waits for a line of its output. */
  says(line: string | RegExp, timeout?: number): Promise<RegExpMatchArray> {
    return this.program.waitForLine(typeof line === 'string' ? new RegExp(`^${line}$`) : line, timeout);
  }

  /** Sends it a command. */
  tell(...words: (string | number)[]): void {
    this.program.process.stdin.write(`${words.join(' ')}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.program.process.kill(signal);
  }
}

/** Starts a number of peers in separate processes, one after another. Their numbers are their indices, and 1 is the hub. */
export async function peerProcesses(
  directory: string,
  count: number,
  options: ChannelOptions = {},
): Promise<PeerProcess[]> {
  const peers: PeerProcess[] = [];
  for (let i = 0; i < count; i++) {
    const peer = new PeerProcess(directory, options);
    await peer.says('hub 1');
    peers.push(peer);
  }
  return peers;
}
