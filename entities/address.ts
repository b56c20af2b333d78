/** A Unix socket's path, or a Windows pipe's name. */
export interface LocalAddress {
  readonly transport: 'local';
  readonly path: string;
}

/** A host and port over TCP, in the clear or under TLS. */
export interface NetAddress {
  readonly transport: 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
}

/** A UDP endpoint. */
export interface UdpAddress {
  readonly transport: 'udp';
  readonly family: 'udp4' | 'udp6';
  readonly host: string;
  readonly port: number;
}

/** Where to talk to a stream. */
export type StreamAddress = LocalAddress | NetAddress;

/** Where to talk. */
export type Address = StreamAddress | UdpAddress;

/** A peer over UDP, as handlers receive it and `emit` takes it. */
export interface Endpoint {
  address: string;
  port: number;
  family?: string;
  /** The peer's label, where it sent one (`config.identifyPeer`). */
  id?: unknown;
}

/** An address as a person writes it. */
export function describe(address: Address): string {
  if (address.transport === 'local') return address.path.replace(/^\0/, '@');
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${host}:${address.port}`;
}
