import { IPCError } from '../../entities/errors.js';
import type { Meta } from '../../entities/packet.js';
import { interceptors, ofServer } from '../interceptors.js';
import {
  callTopics,
  checkTopic,
  isWild,
  patternsOf,
  type TopicHandler,
  type TopicNames,
  Topics,
} from './topics.js';

/** The limit of patterns per connection. */
const MOST_PATTERNS = 10_000;
/** The memory limit of all patterns of a connection, in bytes. */
const MOST_BYTES = 8 * 1024 * 1024;
/** The overhead of a pattern, in bytes: entries in two maps and in a set. */
const PATTERN_BYTES = 400;
/** The memory of a word in a pattern with wildcards, in bytes: its text, a node and an entry in a map. */
const WORD_BYTES = 250;

/** The subscriptions of one connection. */
interface Subscriptions {
  readonly patterns: Set<string>;
  /** An estimate of their memory, in bytes. */
  bytes: number;
}

/** The server's side of topics: the connections that subscribe, and the handlers of the server's own process. */
export class Subscribers<Connection extends object> {
  readonly #connections = new Topics<Connection>();
  readonly #handlers = new Topics<TopicHandler>();
  readonly #subscriptions = new Map<Connection, Subscriptions>();
  /** The last published topic, which was validated. */
  #published: string | undefined;

  /**
   * Subscribes a connection to all of the topics or, on an error, to none.
   * @returns whether at least one subscription is new
   * @throws IPCError ERR_IPC_ARGUMENT if a topic is invalid; ERR_IPC_TOO_LARGE if the connection has too many subscriptions
   */
  add(topics: unknown, connection: Connection): boolean {
    const known = this.#subscriptions.get(connection);
    const fresh = [...new Set(patternsOf(topics as TopicNames))].filter((one) => !known?.patterns.has(one));
    if (fresh.length === 0) return false;
    const bytes = fresh.reduce((sum, pattern) => sum + estimatedSize(pattern), known?.bytes ?? 0);
    const count = (known?.patterns.size ?? 0) + fresh.length;
    if (count > MOST_PATTERNS || bytes > MOST_BYTES) throw tooMany();
    const subscriptions = known ?? { patterns: new Set(), bytes: 0 };
    this.#subscriptions.set(connection, subscriptions);
    subscriptions.bytes = bytes;
    for (const pattern of fresh) {
      subscriptions.patterns.add(pattern);
      this.#connections.add(pattern, connection);
    }
    return true;
  }

  /**
   * Ends subscriptions of a connection.
   * @returns whether there was at least one
   * @throws IPCError ERR_IPC_ARGUMENT if a topic is invalid
   */
  remove(topics: unknown, connection: Connection): boolean {
    const patterns = patternsOf(topics as TopicNames);
    const known = this.#subscriptions.get(connection);
    if (known === undefined) return false;
    let changed = false;
    for (const pattern of patterns) {
      if (!known.patterns.delete(pattern)) continue;
      changed = true;
      known.bytes -= estimatedSize(pattern);
      this.#connections.remove(pattern, connection);
    }
    if (known.patterns.size === 0) this.#subscriptions.delete(connection);
    return changed;
  }

  /** A connection has ended. */
  leave(connection: Connection): void {
    const known = this.#subscriptions.get(connection);
    if (known === undefined) return;
    for (const pattern of known.patterns) this.#connections.remove(pattern, connection);
    this.#subscriptions.delete(connection);
  }

  /** Each subscribed pattern with its connections. */
  patterns(): Map<string, Connection[]> {
    const all = new Map<string, Connection[]>();
    for (const [connection, { patterns }] of this.#subscriptions) {
      for (const pattern of patterns) {
        const connections = all.get(pattern);
        if (connections === undefined) all.set(pattern, [connection]);
        else connections.push(connection);
      }
    }
    return all;
  }

  /** The patterns that a connection subscribes to. */
  patternsOf(connection: Connection): string[] {
    return [...(this.#subscriptions.get(connection)?.patterns ?? [])];
  }

  /** The patterns that handlers of this process subscribe to. */
  get handled(): string[] {
    return this.#handlers.patterns;
  }

  /** An estimate of the memory of a connection's subscriptions, in bytes. */
  bytesOf(connection: Connection): number {
    return this.#subscriptions.get(connection)?.bytes ?? 0;
  }

  addHandler(topics: TopicNames, handler: TopicHandler): void {
    for (const pattern of patternsOf(topics)) this.#handlers.add(pattern, handler);
  }

  removeHandler(topics: TopicNames, handler?: TopicHandler): void {
    for (const pattern of patternsOf(topics)) this.#handlers.remove(pattern, handler);
  }

  /**
   * Calls the handlers that match a topic.
   * @returns the connections that match, each once
   * @throws IPCError ERR_IPC_ARGUMENT if the topic is invalid
   */
  publish(topic: unknown, data: unknown, meta?: Meta): readonly Connection[] {
    const name = typeof topic === 'string' && topic === this.#published ? topic : checkTopic(topic);
    this.#published = name;
    const connections = this.#connections.subscribersOf(name);
    if (!this.#handlers.empty) {
      const call = () => callTopics(this.#handlers, name, data);
      if (interceptors.receive === undefined) call();
      else interceptors.receive(ofServer('topic', name, undefined, meta), call);
    }
    return connections;
  }
}

/** An estimate of the memory of a subscription, in bytes. */
function estimatedSize(pattern: string): number {
  const words = isWild(pattern) ? pattern.split('.').length : 0;
  return 2 * pattern.length + PATTERN_BYTES + words * WORD_BYTES;
}

function tooMany(): IPCError {
  const message =
    `One connection may subscribe to at most ${MOST_PATTERNS} topics, in at most ${MOST_BYTES} bytes of memory; this request was refused ` +
    'as a whole. Subscribe to a pattern instead.';
  return new IPCError('ERR_IPC_TOO_LARGE', message);
}
