import type { Attributes } from '@opentelemetry/api';
import { escapeText } from '../../entities/text.js';
import type { InterceptedMessage } from '../../lib/interceptors.js';

export const SYSTEM = 'omni_ipc';

/** What stands for names beyond the first so many, where each name would make a time series of its own. */
const OTHER = '_OTHER';
const MOST_NAMES = 200;
const LONGEST_NAME = 200;

/** Whether a message is answered. */
export function isCall({ kind }: InterceptedMessage): boolean {
  return kind === 'request' || kind === 'stream';
}

/** A name in a span or an attribute; a peer may have chosen it. */
export function shownName(name: string): string {
  return escapeText(name, LONGEST_NAME);
}

/** What a span says of its message, by the semantic conventions for RPC and for messaging. */
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

/** The other end of the connection: its address over IP, else what the client calls it. A channel has many. */
function endOf({ side, peer, id }: InterceptedMessage, role: 'server' | 'client'): Attributes {
  if (side === 'channel') return {};
  const { remoteAddress, remotePort, address, port } = (peer ?? {}) as Record<string, unknown>;
  if (typeof remoteAddress === 'string' && typeof remotePort === 'number')
    return network(role, 'tcp', remoteAddress, remotePort);
  if (typeof address === 'string' && typeof port === 'number') return network(role, 'udp', address, port);
  return {
    'network.transport': process.platform === 'win32' ? 'pipe' : 'unix',
    ...(id === undefined ? {} : { [`${role}.address`]: shownName(id) }),
  };
}

function network(role: string, transport: string, address: string, port: number): Attributes {
  return { 'network.transport': transport, [`${role}.address`]: address, [`${role}.port`]: port };
}

/** Names as attributes of metrics: only so many, because peers may choose them. */
export class Names {
  readonly #known = new Set<string>();

  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= MOST_NAMES || name.length > LONGEST_NAME) return OTHER;
    this.#known.add(name);
    return name;
  }
}
