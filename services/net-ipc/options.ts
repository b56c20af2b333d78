import type { ListenOptions, NetConnectOpts, ServerOpts } from 'node:net';
import { isIP } from 'node:net';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { socketOptions, type TlsConfig } from '../../entities/config/network.js';
import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { brief, checkSlips } from '../../entities/suggest.js';
import { adapterConfig, checkAdapterOptions, type EngineOptions } from '../adapter/config.js';

/** The options of a client, including settings of the engine. */
export interface ClientOptions extends EngineOptions {
  /** The path of the server's socket. @default 'net-ipc' */
  path?: string | undefined;
  /** The host name or IP address to connect to over TCP, in place of a path. */
  host?: string | undefined;
  /** The port to connect to over TCP. @default 4466 */
  port?: number | undefined;
  /** `host:port`, in place of `host` and `port`. */
  url?: string | undefined;
  /** Whether to use TLS over TCP. @default false */
  tls?: boolean | undefined;
  /** Options of `net.connect` or, with `tls`, of `tls.connect`. */
  options?: Partial<NetConnectOpts> | ConnectionOptions | undefined;
  /** Whether to start with an HTTP upgrade, for proxies that only forward HTTP. */
  handshake?: boolean | undefined;
  /** Whether to request compression; it needs the package fast-zlib on both sides. */
  compress?: boolean | undefined;
  /** Whether to request msgpack in place of JSON; it needs the package msgpackr on both sides. */
  messagepack?: boolean | undefined;
  /** Whether to reconnect when the connection is lost. @default true */
  reconnect?: boolean | undefined;
  /** How many times to try again before giving up. @default 3 */
  retries?: number | undefined;
  /** The maximum delay between two attempts, in milliseconds; delays grow by 500 ms each. @default 10000 */
  maxRetryTime?: number | undefined;
}

/** The options of a server, including settings of the engine. */
export interface ServerOptions extends EngineOptions {
  /** The path of the socket. @default 'net-ipc' */
  path?: string | undefined;
  /** The port to listen on over TCP, in place of a path. */
  port?: number | undefined;
  /** Whether to use TLS over TCP. @default false */
  tls?: boolean | undefined;
  /** Options of `net.createServer` or, with `tls`, of `tls.createServer`. */
  options?: ServerOpts | TlsOptions | undefined;
  /** Options of `net.Server.listen`. Without a `host`, a port listens on all addresses. */
  listenOptions?: Omit<ListenOptions, 'port' | 'path'> | undefined;
  /** The maximum number of clients at a time. @default no limit */
  max?: number | undefined;
  /** For how many of its retry delays a lost client may be away before messages to it are given up. @default 3 */
  retries?: number | undefined;
  /** Generates the id of a new client. @default a random id */
  generateID?: (() => string) | undefined;
}

/** The options of a client with defaults applied. */
export type ClientSettings = ReturnType<typeof clientSettings>;
/** The options of a server with defaults applied. */
export type ServerSettings = ReturnType<typeof serverSettings>;

interface Place {
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** The options of both classes, since programs share one object: a server ignores those of clients, and the reverse. */
const OPTIONS = [
  'path',
  'host',
  'port',
  'url',
  'tls',
  'options',
  'handshake',
  'compress',
  'messagepack',
  'reconnect',
  'retries',
  'maxRetryTime',
  'listenOptions',
  'max',
  'generateID',
] as const satisfies readonly (keyof ClientOptions | keyof ServerOptions)[];

/** The options of `net.Server.listen`. */
const LISTEN_OPTIONS =
  'backlog exclusive fd host ipv6Only path port readableAll reusePort signal writableAll'.split(' ');

const DEFAULT_PATH = 'net-ipc';
const DEFAULT_PORT = 4466;
const DEFAULT_RETRIES = 3;
const DEFAULT_RETRY_TIME = 10_000;
/** By how much each delay is longer than the one before, in milliseconds. */
const STEP = 500;

/** @throws IPCError ERR_IPC_ARGUMENT */
export function clientSettings(given: ClientOptions) {
  checkAdapterOptions(given, OPTIONS, 'The client');
  const { host, port } = placeOf(given);
  const path = given.path ?? (host === undefined ? DEFAULT_PATH : undefined);
  check(host === undefined || isFilled(host), 'host', host, 'a host name or an IP address');
  check(port === undefined || isPort(port), 'port', given.port ?? port, 'a port, from 1 to 65535');
  check(path === undefined || isFilled(path), 'path', path, 'the path of a socket');
  check(
    !given.tls || host !== undefined,
    'tls',
    true,
    'false with a path: TLS goes over TCP, so give a host',
  );
  return {
    path,
    host,
    port: host === undefined ? port : (port ?? DEFAULT_PORT),
    tls: Boolean(given.tls),
    options: optionsOf(given.options, given.tls),
    handshake: Boolean(given.handshake),
    compress: Boolean(given.compress),
    messagepack: Boolean(given.messagepack),
    reconnect: given.reconnect === undefined || Boolean(given.reconnect),
    retries: numberOf(given.retries) > 0 ? numberOf(given.retries) : DEFAULT_RETRIES,
    maxRetryTime: numberOf(given.maxRetryTime) >= STEP ? numberOf(given.maxRetryTime) : DEFAULT_RETRY_TIME,
  };
}

/** @throws IPCError ERR_IPC_ARGUMENT */
export function serverSettings(given: ServerOptions) {
  checkAdapterOptions(given, OPTIONS, 'The server');
  const port = given.port ?? undefined;
  const path = given.path ?? (port === undefined ? DEFAULT_PATH : undefined);
  const max = numberOf(given.max) > 0 ? numberOf(given.max) : undefined;
  check(port === undefined || port === 0 || isPort(port), 'port', port, 'a port, from 0 to 65535');
  check(path === undefined || isFilled(path), 'path', path, 'the path of a socket');
  check(
    !given.tls || path === undefined,
    'tls',
    true,
    'false with a path: TLS goes over TCP, so give a port',
  );
  return {
    path,
    port: path === undefined ? port : undefined,
    tls: Boolean(given.tls),
    options: optionsOf(given.options, given.tls),
    listener: listenOptionsOf(given.listenOptions) as Omit<ListenOptions, 'port' | 'path'>,
    max,
    retries: numberOf(given.retries) >= 0 ? numberOf(given.retries) : DEFAULT_RETRIES,
    idGen: typeof given.generateID === 'function' ? given.generateID : undefined,
  };
}

/**
 * The TCP address of the options, if any. A port may be a string, for example from the environment; null counts as missing.
 */
function placeOf({ url, host, port }: ClientOptions): Place {
  if (url !== undefined && url !== null) {
    check(typeof url === 'string' || (url as unknown) instanceof URL, 'url', url, 'host:port');
    return parseUrl(String(url));
  }
  return { host: host ?? undefined, port: typeof port === 'string' ? Number(port) : (port ?? undefined) };
}

/** The delay before an attempt, in milliseconds. */
export function retryTime(attempt: number, most = DEFAULT_RETRY_TIME): number {
  return Math.min(STEP * attempt, most);
}

/**
 * The engine's config of a client.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function clientConfig(settings: ClientSettings, given: EngineOptions, payload: unknown): Config {
  const config = adapterConfig(given);
  const { host, tls, options } = settings;
  config.interfaces = { keepAlive: true, ...options } as Config['interfaces'];
  if (tls) config.tls = { ...serverName(host), ...options } as TlsConfig;
  config.codec = settings.messagepack ? 'msgpack' : 'json';
  config.compress = settings.compress;
  config.credentials = payload;
  config.stopRetrying = !settings.reconnect;
  config.maxRetries = settings.retries;
  return config;
}

/**
 * The engine's config of a server.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function serverConfig(settings: ServerSettings, given: EngineOptions): Config {
  const config = adapterConfig(given);
  config.accept = ['net-ipc'];
  if (settings.tls) config.tls = settings.options as TlsConfig;
  if (settings.max !== undefined) config.maxConnections = settings.max;
  const { readableAll, writableAll, exclusive, ...listenOptions } = settings.listener;
  config.readableAll ||= readableAll === true;
  config.writableAll ||= writableAll === true;
  config.exclusive ||= exclusive === true;
  return Object.assign(config, { listenOptions, serverOptions: settings.options });
}

/** The name in the TLS handshake (SNI) that selects the server's certificate. */
function serverName(host: string | undefined): { servername?: string } {
  return host === undefined || isIP(host) ? {} : { servername: host };
}

function parseUrl(url: string): Place {
  const found = /^(?:\w+:\/\/)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(url);
  check(found !== null, 'url', url, 'host:port');
  const [, host = '', port] = found ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? undefined : Number(port) };
}

/** The options for sockets. Misspelt ones are refused, since Node would ignore them. */
function optionsOf(options: unknown, tls: unknown): object {
  return checked(options, 'options', socketOptions(Boolean(tls)));
}

function listenOptionsOf(options: unknown): object {
  return checked(options, 'listenOptions', LISTEN_OPTIONS);
}

function checked(options: unknown, key: string, known: readonly string[]): object {
  check(options === undefined || typeof options === 'object', key, options, 'an object');
  const copy = { ...(options as object | undefined) };
  checkSlips(copy, { code: 'ERR_IPC_ARGUMENT', known, owner: 'Node', prefix: `options.${key}.` });
  return copy;
}

/** A number, which may be given in digits; NaN for other values. */
function numberOf(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 65_535;
}

function check(fine: boolean, key: string, value: unknown, expected: string): void {
  if (fine) return;
  throw new IPCError('ERR_IPC_ARGUMENT', `options.${key} is ${brief(value)}; it must be ${expected}.`);
}
