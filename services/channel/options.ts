import { type Config, defaults } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';

/** How a channel is made; everything may be left out. */
export interface ChannelOptions {
  /** Peers with the same name meet. Default: of the user and the file the process was started with. */
  name?: string | undefined;
  /** This peer's own name, which no other on the channel has: `to('billing')`. */
  peer?: string | undefined;
  /** Where the peers meet; only this user may have access. Default: see docs/channel.md. */
  directory?: string | undefined;
  /** Milliseconds between pings to the hub; one that leaves three unanswered is replaced. Default: 500. */
  heartbeat?: number | undefined;
  /** Milliseconds that messages to a peer which is away are kept, before they are undelivered. Default: 10000. */
  grace?: number | undefined;
  /** Milliseconds until a request fails with ERR_IPC_TIMEOUT; 0 waits forever. Default: 10000. */
  requestTimeout?: number | undefined;
  /** Characters of JSON that a message may have; the same on all peers. Default: 16 Mi. */
  maxMessageSize?: number | undefined;
  /** Characters of JSON that may wait together until their receivers have them. Default: 64 Mi. */
  maxPendingBytes?: number | undefined;
}

/** The options, complete and checked. */
export interface Settings {
  readonly name: string | undefined;
  readonly peer: string | undefined;
  readonly directory: string | undefined;
  readonly heartbeat: number;
  readonly grace: number;
  readonly requestTimeout: number;
  readonly maxMessageSize: number;
  readonly maxPendingBytes: number;
}

const MEBI = 1024 * 1024;
const LONGEST_TIMER = 2 ** 31 - 1;

/** @throws IPCError ERR_IPC_CONFIG that names the bad option */
export function settings(options: ChannelOptions): Settings {
  const chosen: Settings = {
    name: options.name,
    peer: options.peer,
    directory: options.directory,
    heartbeat: options.heartbeat ?? 500,
    grace: options.grace ?? 10_000,
    requestTimeout: options.requestTimeout ?? 10_000,
    maxMessageSize: options.maxMessageSize ?? 16 * MEBI,
    maxPendingBytes: options.maxPendingBytes ?? 64 * MEBI,
  };
  for (const key of ['name', 'peer', 'directory'] as const) {
    const value: unknown = chosen[key];
    if (value !== undefined && (typeof value !== 'string' || value === '')) throw bad(key, value, 'a string');
  }
  if (chosen.peer === 'all') throw bad('peer', 'all', "another name than 'all', which means every peer");
  range('heartbeat', chosen, 10, 'milliseconds, from 10');
  range('grace', chosen, 0, 'milliseconds, from 0');
  range('requestTimeout', chosen, 0, 'milliseconds (0 waits forever)');
  range('maxMessageSize', chosen, 1, 'a number of characters, from 1');
  range('maxPendingBytes', chosen, 1, 'a number of characters, from 1');
  return chosen;
}

/** What the engine needs to know, for one peer. */
export function engineConfig({ maxMessageSize }: Settings): Config {
  return {
    ...defaults(),
    silent: true,
    exclusive: true,
    sameUser: true,
    identifyPeer: false,
    maxConnections: Number.MAX_SAFE_INTEGER,
    // A character takes at most three bytes, or two with its escape; what waits is bounded by the senders' windows.
    maxMessageSize: 3 * maxMessageSize + 64 * 1024,
    maxPendingBytes: Number.MAX_SAFE_INTEGER,
  };
}

type Numeric = { [Key in keyof Settings]: Settings[Key] extends number ? Key : never }[keyof Settings];

function range(key: Numeric, chosen: Settings, least: number, expected: string): void {
  const value: unknown = chosen[key];
  const most = key.startsWith('max') ? Number.MAX_SAFE_INTEGER : LONGEST_TIMER;
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw bad(key, value, expected);
}

function bad(key: string, value: unknown, expected: string): IPCError {
  return new IPCError('ERR_IPC_CONFIG', `The channel's ${key} is ${inspect(value)}; it must be ${expected}.`);
}
