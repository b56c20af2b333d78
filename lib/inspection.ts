import { describe } from '../entities/address.js';
import { IPCError } from '../entities/errors.js';
import { brief, checkOptions } from '../entities/suggest.js';
import type { Stats } from './stats.js';

/** The options of an inspection. */
export interface InspectOptions {
  /**
   * The maximum number of entries in each list, such as peers and subscriptions; totals are always included.
   * @default 100
   */
  limit?: number | undefined;
}

/** The first entries of a list, and the total number. */
export interface Listed<Entry> {
  /** The length of the list. */
  readonly total: number;
  /** Its first entries. */
  readonly items: readonly Entry[];
}

/** A call that has not been answered yet. */
export interface OpenRequest {
  /** Its number on the connection. */
  readonly id: number;
  /** Its name. */
  readonly type: string;
  /** Whether it is a request or a stream. */
  readonly kind: 'request' | 'stream';
  /** How long it has been open, in milliseconds. */
  readonly milliseconds: number;
}

/** A snapshot of a client: plain data, which JSON can represent. */
export interface ClientInspection {
  /** Marks a client. */
  readonly kind: 'client';
  /** The name that was passed to `connectTo`. */
  readonly id: string;
  /** The server's address: `unix:/tmp/app.world`, `tcp://localhost:8000`, `port:`. */
  readonly address: string;
  /** The local address of its connection over IP: `127.0.0.1:40312`. */
  readonly local?: string;
  /** The remote address of its connection over IP. */
  readonly remote?: string;
  /** The dialect: `json`, `raw`, or the negotiated one, such as `msgpack, compressed`. */
  readonly dialect: string;
  /** The state of the connection, as in `ClientStatus`. */
  readonly status: 'idle' | 'connecting' | 'connected' | 'ready' | 'disconnected' | 'reconnecting';
  /** The number of connections so far, including the current one. */
  readonly connections: number;
  /** The topics and patterns that it has subscribed to. */
  readonly subscriptions: Listed<string>;
  /** The open requests that it has sent. */
  readonly requests: Listed<OpenRequest>;
  /** The number of the server's requests that its handlers work on. */
  readonly answering: number;
  /** The number of packets that wait for a connection, and their size in bytes. */
  readonly queue: { readonly packets: number; readonly bytes: number };
  /** The figures of all its connections. */
  readonly stats: Stats;
}

/** A snapshot of a server's peer. The values that the peer chose (`label`, `subscriptions`) are not escaped: escape them. */
export interface PeerInspection {
  /** Its address over IP: `127.0.0.1:40312`. */
  readonly remote?: string;
  /** The label that it sent in a payload (`config.identifyPeer`); it is not an authenticated identity. */
  readonly label?: string;
  /** The dialect of the connection. */
  readonly dialect: string;
  /** Whether the server has admitted it. */
  readonly admitted: boolean;
  /** The topics and patterns that it has subscribed to. */
  readonly subscriptions: Listed<string>;
  /** The open requests that the server has sent to it. */
  readonly requests: Listed<OpenRequest>;
  /** The number of its requests that the server's handlers work on. */
  readonly answering: number;
  /** The figures of its connection. */
  readonly stats: Stats;
}

/** A snapshot of a server: plain data, which JSON can represent. */
export interface ServerInspection {
  /** Marks a server. */
  readonly kind: 'server';
  /** The address that it listens on: `unix:/tmp/app.world`, `tcp://0.0.0.0:8000`, `udp4://127.0.0.1:8000`, `port:`. */
  readonly address: string;
  /** Whether it listens. */
  readonly listening: boolean;
  /** The dialects that its clients may use. */
  readonly dialects: readonly string[];
  /** Its connections, including those that are not admitted yet. */
  readonly peers: Listed<PeerInspection>;
  /** The topics that handlers of its own process subscribe to. */
  readonly subscriptions: Listed<string>;
  /** The figures of all its connections, and the current number of connections. */
  readonly stats: Stats & { readonly connections: number };
}

/**
 * Checks the options of an inspection.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkInspectOptions(options: InspectOptions, owner: string): void {
  checkOptions(options, ['limit'], owner);
  const { limit } = options;
  if (limit === undefined || (typeof limit === 'number' && limit >= 0)) return;
  const message = `${owner} takes the maximum number of entries of each list as limit, from 0, and was given ${brief(limit)}.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/** The first `limit` entries of a list; 100 by default. */
export function listed<From, Entry = From>(
  all: readonly From[],
  { limit = 100 }: InspectOptions = {},
  entry?: (one: From) => Entry,
): Listed<Entry> {
  const first = all.slice(0, limit);
  return { total: all.length, items: entry === undefined ? (first as unknown as Entry[]) : first.map(entry) };
}

/** The maximum length of a label, in characters; the rest is cut off. */
const LONGEST_LABEL = 100;

/** The local and remote address of a socket over IP, and the label that the peer sent. */
export function endsOf(socket: unknown): { local?: string; remote?: string; label?: string } {
  const { localAddress, localPort, remoteAddress, remotePort, address, port, id } = (socket || {}) as Record<
    string,
    unknown
  >;
  const local = endOf(localAddress, localPort);
  const remote = endOf(remoteAddress, remotePort) ?? endOf(address, port);
  const label = typeof id === 'string' || typeof id === 'number' ? String(id).slice(0, LONGEST_LABEL) : '';
  return {
    ...(local === undefined ? {} : { local }),
    ...(remote === undefined ? {} : { remote }),
    ...(label === '' ? {} : { label }),
  };
}

function endOf(host: unknown, port: unknown): string | undefined {
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  return describe({ transport: 'tcp', host, port });
}
