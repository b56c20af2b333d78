import type { ConnectionOptions, TlsOptions } from 'node:tls';
import { brief, checkSlips, unknownKey } from '../suggest.js';
import {
  type Check,
  filled,
  flag,
  number,
  object,
  optional,
  type Settings,
  TRUE_OR_FALSE,
} from './setting.js';

/** Options of a client's TCP connection, as in `net.connect`; `false` leaves the choice to the system. */
export interface Interfaces {
  /** The local IP address. @default false */
  localAddress?: string | boolean | undefined;
  /** The local port. @default false */
  localPort?: number | boolean | undefined;
  /** The IP version, 4 or 6; 0 allows both. @default false */
  family?: number | boolean | undefined;
  /** Flags for `dns.lookup`. @default false */
  hints?: number | boolean | undefined;
  /** A function in place of `dns.lookup`. @default false */
  lookup?: unknown;
  /** Whether to try IPv4 and IPv6 addresses in parallel, as in `net.connect`. */
  autoSelectFamily?: boolean | undefined;
  /** Whether to turn off Nagle's algorithm. @default true */
  noDelay?: boolean | undefined;
  /** Whether the system sends keep-alive probes over an idle connection. @default true */
  keepAlive?: boolean | undefined;
  /** The idle time before the first keep-alive probe, in milliseconds. @default 60000 */
  keepAliveInitialDelay?: number | undefined;
  /** Whether this side may continue to send after the other side has ended. @default false */
  allowHalfOpen?: boolean | undefined;
}

/** node-ipc's TLS options, which name files, and all options of `node:tls`. */
export interface TlsConfig
  extends Omit<TlsOptions & ConnectionOptions, 'dhparam' | 'path' | 'host' | 'port'> {
  /** The path of the certificate file (PEM). */
  public?: string | undefined;
  /** The path of the private key file (PEM). */
  private?: string | undefined;
  /** The path of a file with Diffie-Hellman parameters, the parameters themselves (PEM), or 'auto'. */
  dhparam?: string | Buffer | undefined;
  /** The paths of the trusted certificates (PEM). If set, no other certificates are trusted. */
  trustedConnections?: string | readonly string[] | undefined;
}

/** Options of a UDP server's socket, as in `node:dgram`. */
export interface UdpConfig {
  /** Whether the socket may send to broadcast addresses. */
  broadcast?: boolean | undefined;
  /** The addresses of the multicast groups to join. */
  multicast?: string | readonly string[] | undefined;
  /** The address of the network interface for incoming and outgoing multicast datagrams. */
  multicastInterface?: string | undefined;
  /** Whether this machine receives the multicast datagrams that it sends. */
  multicastLoopback?: boolean | undefined;
  /** How many hops (routers) a multicast datagram may travel, from 0 to 255. */
  multicastTTL?: number | undefined;
  /** How many hops (routers) a datagram may travel, from 1 to 255. */
  ttl?: number | undefined;
  /**
   * The limit of bytes sent in answer to a peer, for each byte received from it; default: no limit. It prevents
   * amplification attacks: the source address of a datagram can be forged, so a large answer to a small request floods the
   * owner of that address.
   */
  maxAnswerRatio?: number | undefined;
  /** Whether several sockets may bind the same address; each of them receives every multicast datagram. */
  reuseAddr?: boolean | undefined;
  /**
   * Whether several processes may bind the same port; the system distributes the datagrams among them. It requires Node
   * 22.12.
   */
  reusePort?: boolean | undefined;
}

/** Options of TCP, TLS and UDP sockets. */
export interface NetworkConfig {
  /**
   * Options of a client's TCP and TLS connections, as in `net.connect`.
   * @default each false
   * @example
   * ipc.config.interfaces.localAddress = '192.168.0.2';
   */
  interfaces: Interfaces;
  /**
   * TLS options; with them TCP connections use TLS. See {@link TlsConfig}.
   * @default false
   * @example
   * ipc.config.tls = { private: 'key.pem', public: 'cert.pem' };
   */
  tls: TlsConfig | false;
  /**
   * Options of a UDP server's socket; see {@link UdpConfig}.
   * @default {}
   * @example
   * ipc.config.udp = { multicast: '239.1.2.3', maxAnswerRatio: 3 };
   */
  udp: UdpConfig;
}

const UDP: Record<keyof UdpConfig, { readonly check: Check; readonly expected: string }> = {
  broadcast: { check: flag, expected: TRUE_OR_FALSE },
  maxAnswerRatio: { check: number(0), expected: 'a number from 0' },
  multicast: { check: (value) => [value].flat().every(filled), expected: 'an address, or an array of these' },
  multicastInterface: { check: filled, expected: 'the address of an interface' },
  multicastLoopback: { check: flag, expected: TRUE_OR_FALSE },
  multicastTTL: { check: number(0, 255), expected: 'a number from 0 to 255' },
  ttl: { check: number(1, 255), expected: 'a number from 1 to 255' },
  reuseAddr: { check: flag, expected: TRUE_OR_FALSE },
  reusePort: { check: flag, expected: TRUE_OR_FALSE },
};

/** Says which option of `config.udp` is wrong. */
function wrongUdp(value: unknown): string | undefined {
  if (!object(value)) return undefined;
  for (const [key, given] of Object.entries(value as object)) {
    if (!Object.hasOwn(UDP, key)) {
      const known = Object.keys(UDP);
      return unknownKey(key, { code: 'ERR_IPC_CONFIG', known, owner: 'ipc.config', prefix: 'config.udp.' })
        .message;
    }
    const { check, expected } = UDP[key as keyof UdpConfig];
    if (!optional(check)(given)) return `config.udp.${key} is ${brief(given)}; it must be ${expected}.`;
  }
  return undefined;
}

const INTERFACES: Interfaces = {
  localAddress: false,
  localPort: false,
  family: false,
  hints: false,
  lookup: false,
};

/** The options of `net.connect` and `net.createServer`, as of Node 26. */
const TCP_OPTIONS =
  'allowHalfOpen autoSelectFamily autoSelectFamilyAttemptTimeout blockList family fd highWaterMark hints host keepAlive keepAliveInitialDelay keepAliveInterval keepAliveCount localAddress localPort lookup noDelay onread path pauseOnConnect port readable signal timeout typeOfService writable';

/** The options of `tls.connect`, `tls.createServer` and `tls.createSecureContext`, as of Node 26. */
const TLS_OPTIONS =
  'ALPNCallback ALPNProtocols SNICallback allowPartialTrustChain ca cert certificateCompression checkServerIdentity ciphers clientCertEngine crl dhparam ecdhCurve enableTrace handshakeTimeout honorCipherOrder isServer key maxVersion minDHSize minVersion passphrase pfx privateKeyEngine privateKeyIdentifier pskCallback pskIdentityHint rejectUnauthorized requestCert requestOCSP secureContext secureOptions secureProtocol server servername session sessionIdContext sessionTimeout sigalgs socket ticketKeys';

/** The known options of TCP sockets and, with `tls`, of TLS sockets. */
export function socketOptions(tls: boolean): readonly string[] {
  return (tls ? `${TLS_OPTIONS} ${TCP_OPTIONS}` : TCP_OPTIONS).split(' ');
}

/** node-ipc's own TLS options. */
const FILES = ['private', 'public', 'trustedConnections'] as const satisfies readonly (keyof TlsConfig)[];

/**
 * Refuses misspelt keys in `config.tls` and `config.interfaces`, which Node would ignore.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function checkNetwork({ tls, interfaces }: Pick<NetworkConfig, 'tls' | 'interfaces'>): void {
  const code = 'ERR_IPC_CONFIG';
  const known = [...FILES, ...socketOptions(true)];
  if (tls) checkSlips(tls, { code, known, owner: 'ipc.config', prefix: 'config.tls.' });
  checkSlips(interfaces, {
    code,
    known: socketOptions(false),
    owner: 'ipc.config',
    prefix: 'config.interfaces.',
  });
}

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
    // As in node-ipc, whatever is falsy turns TLS off, such as an environment variable that is empty.
    normalize: (value) => value || false,
    expected: 'false, or an object of options',
    unset: false,
    protects: 'tcp',
  },
  udp: {
    default: {},
    check: (value) => object(value) && wrongUdp(value) === undefined,
    wrong: wrongUdp,
    expected: `an object: { ${Object.keys(UDP).join(', ')} }, as docs/config.md describes them`,
  },
};
