import { IPCError } from './errors.js';
import { brief } from './suggest.js';

/** The path of a Unix socket, or the name of a Windows pipe. */
export interface UnixAddress {
  readonly transport: 'unix';
  readonly path: string;
  /** A file descriptor that already listens. If it is set, `path` only describes it. */
  readonly fd?: number | undefined;
  /** The port of `fd`, if that descriptor is a TCP socket. */
  readonly port?: number | undefined;
}

/** A host and port, over plain TCP or TLS. */
export interface NetAddress {
  readonly transport: 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  /** A file descriptor that already listens. If it is set, `host` and `port` only describe it. */
  readonly fd?: number | undefined;
}

/** A UDP endpoint. */
export interface UdpAddress {
  readonly transport: 'udp';
  readonly family: 'udp4' | 'udp6';
  readonly host: string;
  readonly port: number;
}

/** A message port, a worker or a process: anything that posts messages and receives them. */
export interface PortAddress {
  readonly transport: 'port';
  readonly port: unknown;
}

/** The address of a byte stream. */
export type StreamAddress = UnixAddress | NetAddress;

/** The address of a socket: a byte stream or UDP. */
export type SocketAddress = StreamAddress | UdpAddress;

/**
 * The type of an address for each transport, by the transport's name. The file of a new transport adds its own type by
 * declaration merging.
 */
export interface Addresses {
  unix: UnixAddress;
  tcp: NetAddress;
  tls: NetAddress;
  udp: UdpAddress;
  port: PortAddress;
}

/** An address to connect to or listen on. `transport` names the registry entry that handles it. */
export type Address = Addresses[keyof Addresses];

/** A UDP peer, in the form that handlers receive and `emit` accepts. */
export interface Endpoint {
  /** The IP address. */
  address: string;
  /** The port. */
  port: number;
  /** `IPv4` or `IPv6`. */
  family?: string;
  /** The label that the peer sent for itself, if any (`config.identifyPeer`). */
  id?: unknown;
}

/** The path of an address or, if it has none, its host; an empty string if it has neither. */
export function placeOf(address: Address): string {
  if ('path' in address) return address.path;
  return 'host' in address ? address.host : '';
}

/** The port number of an address, or undefined if it has none. */
export function portOf(address: Address): number | undefined {
  return 'port' in address && typeof address.port === 'number' ? address.port : undefined;
}

/**
 * An address with another path or host.
 * @returns undefined if the address has neither, or is that of a socket that already listens
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function withPlace(address: Address, place: unknown): Address | undefined {
  const key = 'path' in address ? 'path' : 'host';
  if (!(key in address) || isInherited(address)) return undefined;
  if (typeof place === 'string' && place !== '') return { ...address, [key]: place } as Address;
  throw new IPCError('ERR_IPC_ARGUMENT', `${brief(place)} is not a ${key}; it must be a string.`);
}

/**
 * An address with another port number.
 * @returns undefined if the address has none, or is that of a socket that already listens
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function withPort(address: Address, port: unknown): Address | undefined {
  if (!('host' in address) || isInherited(address)) return undefined;
  return { ...address, port: portNumber(port) };
}

/**
 * A port number, which may be given in digits.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function portNumber(port: unknown): number {
  const number = typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : port;
  if (Number.isInteger(number) && (number as number) >= 0 && (number as number) <= 65_535)
    return number as number;
  const message = `${brief(port)} is not a port; it must be a whole number from 0 to 65535.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/** Whether an address is that of a socket that already listens, which this process inherited. */
export function isInherited(address: Address): boolean {
  return 'fd' in address && address.fd !== undefined;
}

/** Whether two addresses name the same endpoint. */
export function isSameAddress(one: Address, other: Address): boolean {
  if (one.transport !== other.transport || placeOf(one) !== placeOf(other)) return false;
  return ('port' in one ? one.port : undefined) === ('port' in other ? other.port : undefined);
}

/** Formats a socket address for people: a path, or `host:port`. */
export function describe(address: SocketAddress): string {
  if (address.transport === 'unix') return address.path.replace(/^\0/, '@');
  if (address.transport !== 'udp' && address.fd !== undefined) return address.host;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
