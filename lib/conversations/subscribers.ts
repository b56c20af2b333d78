import { IPCError } from '../../entities/errors.js';
import { callTopic, checkTopic, patternsOf, type TopicHandler, type TopicNames, Topics } from './topics.js';

/** How many patterns one connection may listen to. */
const MOST_PATTERNS = 10_000;

/** A server's side of topics: the connections and the handlers of its own process that listen. */
export class Subscribers<Connection extends object> {
  readonly #connections = new Topics<Connection>();
  readonly #handlers = new Topics<TopicHandler>();
  readonly #patterns = new WeakMap<Connection, Set<string>>();

  /** @throws IPCError ERR_IPC_ARGUMENT for what is no topic, or too many of them */
  add(topics: unknown, connection: Connection): void {
    const patterns = patternsOf(topics as TopicNames);
    const own = this.#patternsOf(connection);
    for (const pattern of patterns) {
      if (own.has(pattern)) continue;
      if (own.size === MOST_PATTERNS) throw tooMany();
      own.add(pattern);
      this.#connections.add(pattern, connection);
    }
  }

  /** @throws IPCError ERR_IPC_ARGUMENT for what is no topic */
  remove(topics: unknown, connection: Connection): void {
    const own = this.#patternsOf(connection);
    for (const pattern of patternsOf(topics as TopicNames)) {
      if (own.delete(pattern)) this.#connections.remove(pattern, connection);
    }
  }

  /** A connection is gone. */
  leave(connection: Connection): void {
    for (const pattern of this.#patternsOf(connection)) this.#connections.remove(pattern, connection);
    this.#patterns.delete(connection);
  }

  addHandler(topics: TopicNames, handler: TopicHandler): void {
    for (const pattern of patternsOf(topics)) this.#handlers.add(pattern, handler);
  }

  removeHandler(topics: TopicNames, handler?: TopicHandler): void {
    for (const pattern of patternsOf(topics)) this.#handlers.remove(pattern, handler);
  }

  /** Calls the handlers that listen, and returns the connections that do, each once. */
  publish(topic: unknown, data: unknown): Set<Connection> {
    const name = checkTopic(topic);
    const found = new Set<Connection>();
    this.#connections.match(name, (connection) => found.add(connection));
    this.#handlers.match(name, (handler) => callTopic(handler, data, name));
    return found;
  }

  #patternsOf(connection: Connection): Set<string> {
    const known = this.#patterns.get(connection) ?? new Set();
    this.#patterns.set(connection, known);
    return known;
  }
}

function tooMany(): IPCError {
  const message = `One connection may subscribe to ${MOST_PATTERNS} topics; use a pattern.`;
  return new IPCError('ERR_IPC_ARGUMENT', message);
}
