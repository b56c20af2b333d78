import type { Attributes } from '@opentelemetry/api';
import { escapeText } from '../../entities/text.js';
import type { InterceptedMessage } from '../../lib/interceptors.js';

export const SYSTEM = 'omni_ipc';

/** Replaces names beyond a limit, since each distinct name creates a time series. */
const OTHER = '_OTHER';
const MOST_NAMES = 200;
const LONGEST_NAME = 200;

/** Whether a message expects an answer. */
export function isCall({ kind }: InterceptedMessage): boolean {
  return kind === 'request' || kind === 'stream';
}

/** Escapes a name for a span or attribute, since a peer may have chosen it. */
export function shownName(name: string): string {
  return escapeText(name, LONGEST_NAME);
}

/** The attributes of a message's span, following the semantic conventions for RPC and for messaging. */
export function attributesOf(message: InterceptedMessage, direction: 'send' | 'receive'): Attributes {
  const { kind, type } = message;
  const name = shownName(type);
  const end = direction === 'send' ? endOf(message, 'server') : endOf(message, 'client');
  if (isCall(message)) return { 'rpc.system.name': SYSTEM, 'rpc.method': name, ...end };
  return {
    'messaging.system': SYSTEM,
    'messaging.operation.name': direction === 'receive' ? 'process' : kind === 'topic' ? 'publish' : 'emit',
    'messaging.operation.type': direction === 'receive' ? 'process' : 'send',
    'messaging.destination.name': name,
    ...end,
  };
}

/**
 * The attributes of the other end of the connection: its IP address and port or, if it has none, the name that the client
 * has for its server. The transport is omitted where it is not known, as without a connection, and for a message port, which
 * is not a network. A channel has none of these, since it has many other ends.
 */
function endOf({ side, peer, id }: InterceptedMessage, role: 'server' | 'client'): Attributes {
  if (side === 'channel') return {};
  const { remoteAddress, remotePort, address, port } = (peer ?? {}) as Record<string, unknown>;
  if (typeof remoteAddress === 'string' && typeof remotePort === 'number')
    return network(role, 'tcp', remoteAddress, remotePort);
  if (typeof address === 'string' && typeof port === 'number') return network(role, 'udp', address, port);
  return {
    ...(isLocalSocket(peer) ? { 'network.transport': process.platform === 'win32' ? 'pipe' : 'unix' } : {}),
    ...(id === undefined ? {} : { [`${role}.address`]: shownName(id) }),
  };
}

/** Whether the other end is a socket of Node without an IP address, as opposed to a message port. */
function isLocalSocket(peer: unknown): boolean {
  return typeof peer === 'object' && peer !== null && 'remoteAddress' in peer;
}

function network(role: string, transport: string, address: string, port: number): Attributes {
  return { 'network.transport': transport, [`${role}.address`]: address, [`${role}.port`]: port };
}

/** Names as metric attributes. Their number is limited, because peers may choose them. */
export class Names {
  readonly #known = new Set<string>();

  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= MOST_NAMES || name.length > LONGEST_NAME) return OTHER;
    this.#known.add(name);
    return name;
  }
}
