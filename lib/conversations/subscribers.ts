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

/** How many patterns one connection may subscribe to. */
const MOST_PATTERNS = 10_000;
/** How many bytes all patterns of one connection may occupy. */
const MOST_BYTES = 8 * 1024 * 1024;
/** What a pattern occupies beside its text: entries in two maps and in a set of its own. */
const PATTERN_BYTES = 400;
/** What a word of a pattern with wildcards occupies: its text, a node and an entry in a map. */
const WORD_BYTES = 250;

/** What one connection subscribes to. */
interface Subscriptions {
  readonly patterns: Set<string>;
  /** About how many bytes of memory they occupy. */
  bytes: number;
}

/** A server's side of topics: the connections that subscribe, and the handlers of its own process. */
export class Subscribers<Connection extends object> {
  readonly #connections = new Topics<Connection>();
  readonly #handlers = new Topics<TopicHandler>();
  readonly #subscriptions = new Map<Connection, Subscriptions>();
  /** The topic that was published under last, and is known to be one. */
  #published: string | undefined;

  /**
   * Subscribes a connection, to all of the topics or to none of them.
   * @returns whether it had not subscribed to one of them before
   * @throws IPCError ERR_IPC_ARGUMENT for what is not a topic; ERR_IPC_TOO_LARGE for more than one connection may have
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
   * @returns whether it had subscribed to one of the topics
   * @throws IPCError ERR_IPC_ARGUMENT for what is not a topic
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

  /** Each pattern that a connection has subscribed to, with those connections. */
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

  /** What a connection subscribes to. */
  patternsOf(connection: Connection): string[] {
    return [...(this.#subscriptions.get(connection)?.patterns ?? [])];
  }

  /** What handlers of this process subscribe to. */
  get handled(): string[] {
    return this.#handlers.patterns;
  }

  /** About how many bytes of memory a connection's subscriptions occupy. */
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
   * Calls the handlers that a topic reaches.
   * @returns the connections that it reaches, each once
   * @throws IPCError ERR_IPC_ARGUMENT for what is not a topic
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

/** About how many bytes of memory a subscription occupies. */
function estimatedSize(pattern: string): number {
  const words = isWild(pattern) ? pattern.split('.').length : 0;
  return 2 * pattern.length + PATTERN_BYTES + words * WORD_BYTES;
}

function tooMany(): IPCError {
  const message =
    `One connection may subscribe to ${MOST_PATTERNS} topics that occupy ${MOST_BYTES} bytes; this request was refused ` +
    'whole. Subscribe to a pattern instead.';
  return new IPCError('ERR_IPC_TOO_LARGE', message);
}
