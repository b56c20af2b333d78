import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { IPCError } from './errors.js';
import { inspect } from './inspect.js';
import { DEFAULT_LIMITS, MEBIBYTE } from './limits.js';

/** How strings given to `emit` become bytes where `rawBuffer` is on. */
export type Encoding =
  | 'ascii'
  | 'utf8'
  | 'utf-8'
  | 'utf16le'
  | 'ucs2'
  | 'base64'
  | 'hex'
  | 'latin1'
  | 'binary';

/** The name of a dialect: 'json', or one that is registered. */
export type DialectName = string;

/** How the boundaries of messages are found in a byte stream. */
export type Framing = 'delimited' | 'length-prefixed' | 'length-prefixed-le';

/** From where a client connects, as in `net.connect`; `false` leaves a choice to the system. */
export interface Interfaces {
  localAddress?: string | boolean | undefined;
  localPort?: number | boolean | undefined;
  family?: number | boolean | undefined;
  hints?: number | boolean | undefined;
  lookup?: unknown;
  /** Whether both families are tried at a time, as in `net.connect`. */
  autoSelectFamily?: boolean | undefined;
  /** Default: true. */
  noDelay?: boolean | undefined;
  /** Default: true. */
  keepAlive?: boolean | undefined;
  /** Milliseconds; default: 60000. */
  keepAliveInitialDelay?: number | undefined;
  /** Whether this side may go on sending when the other has ended; default: false. */
  allowHalfOpen?: boolean | undefined;
}

/** node-ipc's TLS options, which name files, beside every option of `node:tls`. */
export interface TlsConfig
  extends Omit<TlsOptions & ConnectionOptions, 'dhparam' | 'path' | 'host' | 'port'> {
  /** File of the certificate (PEM). */
  public?: string | undefined;
  /** File of the private key (PEM). */
  private?: string | undefined;
  /** File of Diffie-Hellman parameters, the parameters themselves (PEM), or 'auto'. */
  dhparam?: string | Buffer | undefined;
  /** Files of the certificates that are trusted beside no others (PEM). */
  trustedConnections?: string | readonly string[] | undefined;
}

/** How a UDP server's socket is set up, as in `node:dgram`. */
export interface UdpConfig {
  /** Lets it send to broadcast addresses. */
  broadcast?: boolean | undefined;
  /** Multicast groups to join, by their addresses. */
  multicast?: string | readonly string[] | undefined;
  /** The address of the interface for multicast, incoming and outgoing. */
  multicastInterface?: string | undefined;
  /** Whether this machine hears the multicasts that it sends. */
  multicastLoopback?: boolean | undefined;
  /** How many routers a multicast may pass, from 0 to 255. */
  multicastTTL?: number | undefined;
  /** How many routers a datagram may pass, from 1 to 255. */
  ttl?: number | undefined;
  /**
   * How many bytes may be answered to a peer for each byte that came from it; default: no limit. Senders can be forged, and a
   * large answer to a small request then hits whoever has the address.
   */
  maxAnswerRatio?: number | undefined;
  /** Lets several sockets bind the same address; each hears every multicast. */
  reuseAddr?: boolean | undefined;
  /** Lets several processes bind the same port; the system spreads datagrams over them. Needs Node 22.12. */
  reusePort?: boolean | undefined;
}

/** A fixed delay, or a random one between two bounds, in milliseconds. */
export type Delay = number | { min: number; max: number };

/** What {@link Authorize} decides: a string or an Error refuses, and gives the reason. */
export type Verdict = boolean | string | Error;

/**
 * Decides whether a client may come in, by its credentials and its socket: a TLSSocket over TLS. A method's type, so that a
 * function that takes a TLSSocket fits.
 */
export type Authorize = {
  authorize(credentials: unknown, socket: Socket): Verdict | Promise<Verdict>;
}['authorize'];

/** Every setting of an `IPC`, read when a client or server is set up where nothing else is said. */
export interface Config {
  /**
   * Part of a path, to keep applications apart: a socket is at `socketRoot + appspace + id`.
   * @default 'app.'
   */
  appspace: string;
  /**
   * The directory of the sockets. A directory of your own is safer than one that everybody can write to.
   * @default '/tmp/'
   */
  socketRoot: string;
  /** This process's name, and the last part of its server's path. @default the host name */
  id: string;
  /**
   * The host where none is given; a server that is told `localhost` listens on `127.0.0.1`.
   * @default 'localhost'
   */
  networkHost: string;
  /** The port where none is given, from 0 to 65535; a server on 0 gets a free one. @default 8000 */
  networkPort: number;
  /** Lets every user of the machine read from the server's socket file. @default false */
  readableAll: boolean;
  /** Lets every user of the machine write to the server's socket file, and so connect. @default false */
  writableAll: boolean;
  /**
   * The permissions of a server's socket file, as a number (0o660) or as octal digits ('660').
   * @default undefined, what the umask leaves
   */
  mode: number | string | undefined;
  /** The group of a server's socket file, by name or number. @default undefined, the process's own */
  group: number | string | undefined;
  /** How strings given to `emit` become bytes where `rawBuffer` is on. @default 'utf8' */
  encoding: Encoding;
  /** Sends and delivers bytes as they are, without events. @default false */
  rawBuffer: boolean;
  /** What ends a message: any string with a character that JSON uses only inside strings. @default '\f' */
  delimiter: string;
  /** A client sends a message only when something came back for the one before. @default false */
  sync: boolean;
  /** Logs nothing. Read at each line. @default false */
  silent: boolean;
  /** Colors objects in the log. Read at each line. @default true */
  logInColor: boolean;
  /** How many levels of an object the log shows. Read at each line. @default 5 */
  logDepth: number;
  /** Is given each line of the log. Read at each line. @default console.log */
  logger: (message: string) => void;
  /** Logs what is sent and received, too. Read at each message. @default false */
  logPayloads: boolean;
  /** How many clients a server takes at a time; 0 sets no limit. @default 100 */
  maxConnections: number;
  /**
   * How many milliseconds a client waits before it tries again; `{ min, max }` picks a time in between.
   * @default 500
   */
  retry: Delay;
  /** How often a client tries again after a connection was lost; false sets no limit. @default false */
  maxRetries: boolean | number;
  /** True stops a client's tries, a number limits them like `maxRetries`. Read at each try. @default false */
  stopRetrying: boolean | number;
  /**
   * What a server does with a socket at its path: true removes a dead one, false removes none, 'force' takes
   * a living server's path, too.
   * @default true
   */
  unlink: boolean | 'force';
  /** A client refuses a socket whose file belongs to another user. @default false */
  sameUser: boolean;
  /**
   * In a `node:cluster` worker: listens on a socket of its own instead of one that all workers share.
   * @default false
   */
  exclusive: boolean;
  /** From where a client connects over TCP and TLS, as in `net.connect`. @default each false */
  interfaces: Interfaces;
  /** The same object as `interfaces`: node-ipc's code reads this name, its documentation the other. */
  interface: Interfaces;
  /** node-ipc's note of the machine's first network interface, always '' there; it decides nothing here. @default '' */
  IPType?: string;
  /** Turns TCP into TLS; see {@link TlsConfig}. @default false */
  tls: TlsConfig | false;
  udp: UdpConfig;
  maxMessageSize: number;
  /** How many arrays and objects may be within each other in what is sent or received. @default 500 */
  maxDepth: number;
  /**
   * How many bytes may wait to be sent on one connection. A server disconnects a client that does not read; a
   * client's `emit` returns false.
   * @default 67,108,864
   */
  maxPendingBytes: number;
  /** How many bytes a client may send before the server has admitted it. @default 65,536 */
  admissionLimit: number;
  /**
   * How many milliseconds a message that has begun may take for each byte more, before its connection ends; 0
   * sets no limit.
   * @default 30,000
   */
  messageTimeout: number;
  /**
   * How many milliseconds TLS may take, and the hello where one is asked for; 0 sets no limit.
   * @default 10,000
   */
  handshakeTimeout: number;
  /** How many milliseconds a request waits for its answer; 0 waits forever. @default 10,000 */
  requestTimeout: number;
  /**
   * Lets a peer's message carry the name of one of node-ipc's lifecycle events, such as `connect`. Read at
   * each message.
   * @default false
   */
  allowReservedEvents: boolean;
  /** A payload's `id` becomes `socket.id`: a label that the peer chose, not who it is. @default true */
  identifyPeer: boolean;
  /**
   * The codec that a client offers to the server: 'json', or 'msgpack', which needs the package msgpackr.
   * @default 'json'
   */
  codec: string;
  /** A client offers compression to the server, which needs the package fast-zlib. @default false */
  compress: boolean;
  /**
   * The codecs that a server agrees to beside JSON, and 'deflate' for compression; `[]` agrees to none.
   * @default undefined, all that are installed
   */
  codecs: readonly string[] | undefined;
  /**
   * How the boundaries of messages are found in a stream: by `delimiter`, or by a length in four bytes before each message,
   * the highest byte first ('length-prefixed') or the lowest ('length-prefixed-le'). Both ends must agree on it.
   * @default 'delimited'
   */
  framing: Framing;
  /** What a client shows when it connects; anything that JSON can express. @default undefined */
  credentials: unknown;
  /** Decides which clients a server admits; see {@link Authorize}. @default undefined, all */
  authorize: Authorize | undefined;
  /** The dialects that a server tells apart by a connection's first bytes. @default ['json'] */
  accept: readonly DialectName[];
  /** The dialect that a client speaks. @default 'json' */
  dialect: DialectName;
}

/** A fresh config with node-ipc's defaults and ours. */
export function defaults(): Config {
  const config = {
    appspace: 'app.',
    socketRoot: '/tmp/',
    id: hostname(),
    networkHost: 'localhost',
    networkPort: 8000,
    readableAll: false,
    writableAll: false,
    mode: undefined,
    group: undefined,
    encoding: 'utf8',
    rawBuffer: false,
    delimiter: '\f',
    sync: false,
    silent: false,
    logInColor: true,
    logDepth: 5,
    logger: console.log.bind(console),
    logPayloads: false,
    maxConnections: 100,
    retry: 500,
    maxRetries: false,
    stopRetrying: false,
    unlink: true,
    sameUser: false,
    exclusive: false,
    interfaces: { localAddress: false, localPort: false, family: false, hints: false, lookup: false },
    tls: false,
    udp: {},
    maxMessageSize: DEFAULT_LIMITS.maxMessageSize,
    maxDepth: DEFAULT_LIMITS.maxDepth,
    maxPendingBytes: 64 * MEBIBYTE,
    admissionLimit: 64 * 1024,
    messageTimeout: 30_000,
    handshakeTimeout: 10_000,
    requestTimeout: 10_000,
    allowReservedEvents: false,
    identifyPeer: true,
    codec: 'json',
    compress: false,
    codecs: undefined,
    framing: 'delimited',
    credentials: undefined,
    authorize: undefined,
    accept: ['json'],
    dialect: 'json',
  } as unknown as Config;
  Object.defineProperty(config, 'IPType', { value: '', writable: true, configurable: true });
  Object.defineProperty(config, 'interface', {
    enumerable: false,
    configurable: true,
    get: () => config.interfaces,
    set: (value: Interfaces) => {
      config.interfaces = value;
    },
  });
  return config;
}

/** Characters that JSON.stringify writes outside strings or inside its escapes: no delimiter may consist of these. */
const JSON_SYNTAX = new Set('{}[]:,"\\ \t\r\n0123456789+-.eEtrufalsnbcd');

/** The first character of a delimiter that JSON uses only inside strings, or '' where there is none. */
export function safeCharacter(delimiter: string): string {
  for (const character of delimiter) {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 && JSON.stringify(character).length > 3;
    if (control || !JSON_SYNTAX.has(character)) return character;
  }
  return '';
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const filled: Check = (value) => typeof value === 'string' && value.length > 0;
const flag: Check = (value) => typeof value === 'boolean';
const number = (min: number, max = Number.POSITIVE_INFINITY): Check => {
  return (value) => typeof value === 'number' && value >= min && value <= max;
};
const port: Check = (value) => number(0, 65_535)(value) && Number.isInteger(value);
const natural: Check = (value) => number(0)(value) && Number.isInteger(value);
const mode: Check = (value) => {
  if (typeof value === 'string') return /^(0o|0)?[0-7]{3}$/.test(value);
  return value === undefined || (natural(value) && (value as number) <= 0o777);
};
const oneOf = (...values: readonly unknown[]): Check => {
  return (value) => values.includes(value);
};
const object: Check = (value) => typeof value === 'object' && value !== null;
const callable: Check = (value) => typeof value === 'function';
const LONGEST_TIMER = 2 ** 31 - 1;
const duration = number(0, LONGEST_TIMER);
const delay: Check = (value) => {
  if (!object(value)) return duration(value);
  const { min, max } = value as { min: unknown; max: unknown };
  return duration(min) && duration(max) && (min as number) <= (max as number);
};
const UDP: Record<keyof UdpConfig, Check> = {
  broadcast: flag,
  maxAnswerRatio: number(0),
  multicast: (value) => [value].flat().every(filled),
  multicastInterface: filled,
  multicastLoopback: flag,
  multicastTTL: number(0, 255),
  ttl: number(1, 255),
  reuseAddr: flag,
  reusePort: flag,
};
const udp: Check = (value) => {
  if (!object(value)) return false;
  return Object.entries(value as object).every(
    ([key, given]) => Object.hasOwn(UDP, key) && (given === undefined || UDP[key as keyof UdpConfig](given)),
  );
};
const delimiter: Check = (value) => {
  return filled(value) && (value as string).isWellFormed() && safeCharacter(value as string) !== '';
};
/** JSON.stringify, JSON.parse and msgpackr go a few thousand levels deep. */
const DEEPEST = 2000;
const framings = ['delimited', 'length-prefixed', 'length-prefixed-le'];
const encodings = ['ascii', 'utf8', 'utf-8', 'utf16le', 'ucs2', 'base64', 'hex', 'latin1', 'binary'];
const milliseconds = 'milliseconds, from 0 to 2147483647';

type Rule = readonly [key: keyof Config, check: Check, expected: string];

const CHECKS: readonly Rule[] = [
  ['appspace', text, 'a string'],
  ['socketRoot', text, 'a string, the directory of the sockets'],
  ['id', filled, 'a string that is not empty'],
  ['networkHost', filled, 'a host name or an IP address'],
  ['networkPort', port, 'a port, from 0 to 65535'],
  ['readableAll', flag, 'true or false'],
  ['writableAll', flag, 'true or false'],
  ['mode', mode, "permissions such as 0o660 or '660', up to 0o777"],
  [
    'group',
    (value) => value === undefined || filled(value) || natural(value),
    'the name or the number of a group',
  ],
  ['encoding', oneOf(...encodings), `one of ${encodings.join(', ')}`],
  ['rawBuffer', flag, 'true or false'],
  [
    'delimiter',
    delimiter,
    String.raw`a string with a character that JSON uses only inside strings, such as '\f', '\n', '||' or '§'`,
  ],
  ['sync', flag, 'true or false'],
  ['silent', flag, 'true or false'],
  ['logInColor', flag, 'true or false'],
  ['logDepth', (value) => value === null || number(0)(value), 'a number of levels, from 0'],
  ['logger', callable, 'a function that takes a string'],
  ['logPayloads', flag, 'true or false'],
  ['maxConnections', number(0), 'a number of connections, from 0 (which sets no limit)'],
  ['retry', delay, `${milliseconds}, or { min, max } of such`],
  ['maxRetries', (value) => flag(value) || number(0)(value), 'false, or a number of retries from 0'],
  ['stopRetrying', (value) => flag(value) || number(0)(value), 'true, false, or a number of retries from 0'],
  ['unlink', oneOf(true, false, 'force'), "true, false or 'force'"],
  ['sameUser', flag, 'true or false'],
  ['exclusive', flag, 'true or false'],
  ['interfaces', object, 'an object: { localAddress, localPort, family, hints, lookup }'],
  [
    'tls',
    (value) => value === false || value === undefined || object(value),
    'false, or an object of options',
  ],
  ['udp', udp, `an object: { ${Object.keys(UDP).join(', ')} }, as the README describes them`],
  ['maxMessageSize', number(1), 'a number of bytes, from 1'],
  [
    'maxDepth',
    (value) => number(1, DEEPEST)(value) && Number.isInteger(value),
    `a number of levels, from 1 to ${DEEPEST}`,
  ],
  ['maxPendingBytes', number(1), 'a number of bytes, from 1'],
  ['admissionLimit', number(1), 'a number of bytes, from 1'],
  ['messageTimeout', duration, `${milliseconds} (0 turns it off)`],
  ['handshakeTimeout', duration, `${milliseconds} (0 turns it off)`],
  ['requestTimeout', duration, `${milliseconds} (0 waits forever)`],
  ['allowReservedEvents', flag, 'true or false'],
  ['identifyPeer', flag, 'true or false'],
  ['codec', filled, 'the name of a codec'],
  ['compress', flag, 'true or false'],
  [
    'codecs',
    (value) => value === undefined || (Array.isArray(value) && value.every(filled)),
    "a list of names of codecs, and 'deflate'",
  ],
  ['framing', oneOf(...framings), `one of ${framings.join(', ')}`],
  [
    'authorize',
    (value) => value === undefined || callable(value),
    'a function (credentials, socket) => boolean',
  ],
  [
    'accept',
    (value) => Array.isArray(value) && value.length > 0 && value.every(filled),
    'a list of names of dialects',
  ],
  ['dialect', filled, 'the name of a dialect'],
];

/**
 * Checks a config before it is used.
 * @throws IPCError ERR_IPC_CONFIG that names the first bad key, its value and what is expected.
 */
export function validate(config: Config): void {
  for (const rule of CHECKS) apply(rule, config[rule[0]]);
  if (config.rawBuffer) checkRaw(config);
}

/**
 * Checks one setting alone.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function validateKey(key: keyof Config, value: unknown): void {
  for (const rule of CHECKS) if (rule[0] === key) apply(rule, value);
}

function apply([key, check, expected]: Rule, value: unknown): void {
  if (check(value)) return;
  const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  throw new IPCError('ERR_IPC_CONFIG', `config.${key} is ${shown}; it must be ${expected}.`);
}

/** Bytes as they are hold no hello, which these would need. */
function checkRaw({ codec, compress, credentials, authorize }: Config): void {
  const wanted = { codec: codec !== 'json', compress, credentials: credentials !== undefined, authorize };
  for (const [key, set] of Object.entries(wanted)) {
    if (!set) continue;
    const message = `config.${key} does not go with config.rawBuffer, which sends nothing but your bytes; unset one of them.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
}

/** How often a client may retry after a connection is lost, by `maxRetries` and `stopRetrying` together. */
export function retryLimit(config: Pick<Config, 'maxRetries' | 'stopRetrying'>): number {
  const { maxRetries, stopRetrying } = config;
  const most = typeof maxRetries === 'number' ? maxRetries : Number.POSITIVE_INFINITY;
  if (stopRetrying === true) return 0;
  return typeof stopRetrying === 'number' ? Math.min(most, stopRetrying) : most;
}

/** The next wait of a {@link Delay}. */
export function delayOf(delay: Delay): number {
  return typeof delay === 'number' ? delay : delay.min + Math.random() * (delay.max - delay.min);
}
