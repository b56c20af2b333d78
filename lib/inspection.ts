import { describe } from '../entities/address.js';
import type { Stats } from './stats.js';

/** How much an inspection tells. */
export interface InspectOptions {
  /** How many entries of each list are told, such as peers and subscriptions; the totals are always told. Default: 100. */
  limit?: number | undefined;
}

/** The first entries of a list, and how many there are. */
export interface Listed<Entry> {
  readonly total: number;
  readonly items: readonly Entry[];
}

/** Something that was asked and has not been answered yet. */
export interface OpenRequest {
  readonly id: number;
  readonly type: string;
  readonly kind: 'request' | 'stream';
  /** How long it has been open. */
  readonly milliseconds: number;
}

/** A client as it is at one moment: plain data, which JSON can hold. */
export interface ClientInspection {
  readonly kind: 'client';
  /** The name it was given in `connectTo`. */
  readonly id: string;
  /** Where it connects to: `unix:/tmp/app.world`, `tcp://localhost:8000`, `port:`. */
  readonly address: string;
  /** Both ends of its connection, where they have addresses: `127.0.0.1:40312`. */
  readonly local?: string;
  readonly remote?: string;
  /** What is spoken: `json`, `raw`, or what was agreed on, such as `msgpack, compressed`. */
  readonly dialect: string;
  readonly status: 'idle' | 'connecting' | 'connected' | 'ready' | 'disconnected' | 'reconnecting';
  /** How many connections it has had, the current one included. */
  readonly connections: number;
  readonly subscriptions: Listed<string>;
  /** What it has asked the server. */
  readonly requests: Listed<OpenRequest>;
  /** How many of the server's requests its handlers are at work on. */
  readonly answering: number;
  /** What waits for a connection. */
  readonly queue: { readonly packets: number; readonly bytes: number };
  readonly stats: Stats;
}

/** A server's peer at one moment. What it chose itself (`label`, `subscriptions`) is told as it came: escape it. */
export interface PeerInspection {
  /** Where it is, over IP: `127.0.0.1:40312`. */
  readonly remote?: string;
  /** The id that it gave itself in a payload (`config.identifyPeer`), which proves nothing. */
  readonly label?: string;
  readonly dialect: string;
  readonly admitted: boolean;
  readonly subscriptions: Listed<string>;
  /** What the server has asked it. */
  readonly requests: Listed<OpenRequest>;
  /** How many of its requests the server's handlers are at work on. */
  readonly answering: number;
  readonly stats: Stats;
}

/** A server as it is at one moment: plain data, which JSON can hold. */
export interface ServerInspection {
  readonly kind: 'server';
  /** Where it listens: `unix:/tmp/app.world`, `tcp://0.0.0.0:8000`, `udp4://127.0.0.1:8000`, `port:`. */
  readonly address: string;
  readonly listening: boolean;
  /** What its clients may speak. */
  readonly dialects: readonly string[];
  readonly peers: Listed<PeerInspection>;
  /** Topics that handlers of its own process subscribe to. */
  readonly subscriptions: Listed<string>;
  readonly stats: Stats & { readonly connections: number };
}

/** The first of a list, `limit` or 100 of them. */
export function listed<From, Entry = From>(
  all: readonly From[],
  { limit = 100 }: InspectOptions = {},
  entry?: (one: From) => Entry,
): Listed<Entry> {
  const first = all.slice(0, limit);
  return { total: all.length, items: entry === undefined ? (first as unknown as Entry[]) : first.map(entry) };
}

/** How much of a label is told. */
const LONGEST_LABEL = 100;

/** What a socket tells of its two ends: addresses over IP, and the label that the peer gave itself. */
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
