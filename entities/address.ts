/** A Unix socket's path, or a Windows pipe's name. */
export interface UnixAddress {
  readonly transport: 'unix';
  readonly path: string;
  /** A descriptor that listens already; the path then only describes it. */
  readonly fd?: number | undefined;
  /** The port of that descriptor, where it is one of TCP. */
  readonly port?: number | undefined;
}

/** A host and port over TCP, in the clear or under TLS. */
export interface NetAddress {
  readonly transport: 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  /** A descriptor that listens already; host and port then only describe it. */
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

/** Where a byte stream leads. */
export type StreamAddress = UnixAddress | NetAddress;

/** Where a socket leads. */
export type SocketAddress = StreamAddress | UdpAddress;

/** The kinds of addresses by the name of their transport. The file of another transport adds its own to this interface. */
export interface Addresses {
  unix: UnixAddress;
  tcp: NetAddress;
  tls: NetAddress;
  udp: UdpAddress;
  port: PortAddress;
}

/** Where to connect or listen; `transport` names the entry of the registry that knows how. */
export type Address = Addresses[keyof Addresses];

/** A peer over UDP, as handlers receive it and `emit` takes it. */
export interface Endpoint {
  address: string;
  port: number;
  family?: string;
  /** The peer's label, where it sent one (`config.identifyPeer`). */
  id?: unknown;
}

/** The path of an address, or its host; empty if it has neither. */
export function placeOf(address: Address): string {
  if ('path' in address) return address.path;
  return 'host' in address ? address.host : '';
}

/** The port number of an address that has one. */
export function portOf(address: Address): number | undefined {
  return 'port' in address && typeof address.port === 'number' ? address.port : undefined;
}

/** Whether two addresses lead to the same place. */
export function isSameAddress(one: Address, other: Address): boolean {
  if (one.transport !== other.transport || placeOf(one) !== placeOf(other)) return false;
  return ('port' in one ? one.port : undefined) === ('port' in other ? other.port : undefined);
}

/** A socket's address as a person writes it. */
export function describe(address: SocketAddress): string {
  if (address.transport === 'unix') return address.path.replace(/^\0/, '@');
  if (address.transport !== 'udp' && address.fd !== undefined) return address.host;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
