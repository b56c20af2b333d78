import { join } from 'node:path';
import { Channel, type ChannelOptions } from '../../services/channel/index.js';
import { afterwards } from './afterwards.js';
import { freshDirectory } from './places.js';
import { type Program, start } from './processes.js';

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

/** A peer in a process of its own: see spec/fixtures/channel/peer.ts. */
export class PeerProcess {
  readonly program: Program;

  constructor(directory: string, options: ChannelOptions = {}) {
    this.program = start('spec/fixtures/channel/peer.ts', [directory, JSON.stringify(options)]);
  }

  /** Its number, once it is up. */
  async up(): Promise<number> {
    const [, number] = await this.program.waitForLine(/^up (\d+)/);
    return Number(number);
  }

  /** Waits for something it says. */
  says(line: string | RegExp): Promise<RegExpMatchArray> {
    return this.program.waitForLine(typeof line === 'string' ? new RegExp(`^${line}$`) : line);
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
