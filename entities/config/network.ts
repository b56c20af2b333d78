import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { type Check, filled, flag, number, object, optional, type Settings } from './setting.js';

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

/** How TCP, TLS and UDP sockets are set up. */
export interface NetworkConfig {
  /** From where a client connects over TCP and TLS, as in `net.connect`. @default each false */
  interfaces: Interfaces;
  /** Turns TCP into TLS; see {@link TlsConfig}. @default false */
  tls: TlsConfig | false;
  /** How a UDP server's socket is set up; see {@link UdpConfig}. @default {} */
  udp: UdpConfig;
}

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

function isUdp(value: unknown): boolean {
  if (!object(value)) return false;
  return Object.entries(value as object).every(
    ([key, given]) => Object.hasOwn(UDP, key) && optional(UDP[key as keyof UdpConfig])(given),
  );
}

const INTERFACES: Interfaces = {
  localAddress: false,
  localPort: false,
  family: false,
  hints: false,
  lookup: false,
};

export const NETWORK: Settings<NetworkConfig> = {
  interfaces: {
    default: INTERFACES,
    check: object,
    expected: 'an object: { localAddress, localPort, family, hints, lookup }',
    unset: INTERFACES,
  },
  tls: {
    default: false,
    check: (value) => value === false || value === undefined || object(value),
    expected: 'false, or an object of options',
    unset: false,
  },
  udp: {
    default: {},
    check: isUdp,
    expected: `an object: { ${Object.keys(UDP).join(', ')} }, as docs/config.md describes them`,
  },
};
