import { type Config, defaults } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import { brief, checkKeys } from '../../entities/suggest.js';
import { checkNatsOptions, type NatsOptions, withoutCredentials } from './nats-options.js';

/** The options of a channel; all are optional. */
export interface ChannelOptions {
  /**
   * The name of the channel: members with the same name meet. Default: made from the user and the file that the process was
   * started with.
   */
  name?: string | undefined;
  /** The member's own name, which is unique on the channel: `to('billing')`. */
  peer?: string | undefined;
  /** The member's group: `to('group:resize')` reaches one of its members. */
  group?: string | undefined;
  /**
   * Connection options of `@nats-io/transport-node`. With them the channel uses NATS, for members on several machines, and
   * must have a `name`.
   * @default none
   */
  nats?: NatsOptions | undefined;
  /** The directory of the sockets; only this user may have access to it. @default see docs/channel.md */
  directory?: string | undefined;
  /**
   * The interval of pings to the hub, in milliseconds. A hub that leaves three unanswered is replaced; more, if it has more
   * than 16 members or if hubs were lost in quick succession.
   * @default 500
   */
  heartbeat?: number | undefined;
  /**
   * How long messages to an absent member are kept, in milliseconds, before they are reported as undelivered. Default:
   * 10000.
   */
  absenceTimeout?: number | undefined;
  /**
   * How long a request waits for its answer before it fails with ERR_IPC_TIMEOUT, in milliseconds; 0 sets no limit.
   * @default 10000
   */
  requestTimeout?: number | undefined;
  /** The maximum length of a message, in characters of JSON; it must be the same for all members. @default 16 Mi */
  maxMessageSize?: number | undefined;
  /**
   * How many bytes may be queued in total until they are acknowledged: the JSON, and 160 bytes for each message. Default:
   * 64 Mi.
   */
  maxPendingBytes?: number | undefined;
}

/** The options with defaults applied, after validation. */
export interface Settings {
  readonly name: string | undefined;
  readonly peer: string | undefined;
  readonly group: string | undefined;
  readonly nats: NatsOptions | undefined;
  readonly directory: string | undefined;
  readonly heartbeat: number;
  readonly absenceTimeout: number;
  readonly requestTimeout: number;
  readonly maxMessageSize: number;
  readonly maxPendingBytes: number;
}

const KNOWN: readonly (keyof Settings)[] = [
  'name',
  'peer',
  'group',
  'nats',
  'directory',
  'heartbeat',
  'absenceTimeout',
  'requestTimeout',
  'maxMessageSize',
  'maxPendingBytes',
];

const MEBI = 1024 * 1024;

/** @throws IPCError ERR_IPC_CONFIG that names the invalid option */
export function settings(options: ChannelOptions): Settings {
  if (typeof options !== 'object' || options === null) throw notOptions(options);
  checkKeys(options, { code: 'ERR_IPC_CONFIG', known: KNOWN, owner: 'new Channel(...)' });
  const chosen: Settings = {
    name: options.name,
    peer: options.peer,
    group: options.group,
    nats: options.nats,
    directory: options.directory,
    heartbeat: options.heartbeat ?? 500,
    absenceTimeout: options.absenceTimeout ?? 10_000,
    requestTimeout: options.requestTimeout ?? 10_000,
    maxMessageSize: options.maxMessageSize ?? 16 * MEBI,
    maxPendingBytes: options.maxPendingBytes ?? 64 * MEBI,
  };
  for (const key of ['name', 'peer', 'group', 'directory'] as const) {
    const value: unknown = chosen[key];
    if (value !== undefined && (typeof value !== 'string' || value === '')) throw bad(key, value, 'a string');
  }
  if (chosen.peer === 'all') throw bad('peer', 'all', "another name than 'all', which means every member");
  if (chosen.peer?.startsWith('group:'))
    throw bad('peer', chosen.peer, "a name that does not begin with 'group:'");
  if (chosen.nats !== undefined) checkNats(chosen);
  range('heartbeat', chosen, 10, 'milliseconds, from 10');
  range('absenceTimeout', chosen, 0, 'milliseconds, from 0');
  range('requestTimeout', chosen, 0, 'milliseconds (0 waits forever)');
  range('maxMessageSize', chosen, 1, 'a number of characters, from 1');
  range('maxPendingBytes', chosen, 1, 'a number of bytes, from 1');
  return chosen;
}

/** The engine's config for one member. */
export function engineConfig({ maxMessageSize }: Settings): Config {
  return {
    ...defaults(),
    silent: true,
    exclusive: true,
    // The owner of a Windows pipe cannot be determined; by default Windows lets no other user write to it.
    sameUser: process.platform !== 'win32',
    identifyPeer: false,
    maxConnections: Number.MAX_SAFE_INTEGER,
    // A character takes at most three bytes, or two with its escape. Queues are limited by the senders' windows.
    maxMessageSize: 3 * maxMessageSize + 64 * 1024,
    maxPendingBytes: Number.MAX_SAFE_INTEGER,
  };
}

function checkNats({ nats, name, directory }: Settings): void {
  if (typeof nats !== 'object' || nats === null)
    throw bad('nats', nats, "connection options, as { servers: 'nats://127.0.0.1:4222' }");
  if (name === undefined)
    throw bad('name', name, 'a string where nats is given: it is what all machines share');
  if (directory !== undefined) throw bad('directory', directory, 'left out where nats is given');
  checkNatsOptions(nats);
}

type Numeric = { [Key in keyof Settings]: Settings[Key] extends number ? Key : never }[keyof Settings];

function range(key: Numeric, chosen: Settings, least: number, expected: string): void {
  const value: unknown = chosen[key];
  const most = key.startsWith('max') ? Number.MAX_SAFE_INTEGER : LONGEST_TIMER;
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw bad(key, value, expected);
}

function bad(key: string, value: unknown, expected: string): IPCError {
  const message = `The channel's ${key} is ${withoutCredentials(inspect(value))}; it must be ${expected}.`;
  return new IPCError('ERR_IPC_CONFIG', message);
}

function notOptions(options: unknown): IPCError {
  const message = `new Channel(${brief(options)}): that is not an object of options, such as { name: 'shop' }.`;
  return new IPCError('ERR_IPC_CONFIG', message);
}
