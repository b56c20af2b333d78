import { metaOf, type Packet, SUBSCRIBE, type TopicMessage, UNSUBSCRIBE } from '../entities/packet.js';
import type { RequestOptions } from './conversations/request-options.js';
import {
  callTopics,
  patternsOf,
  type TopicHandler,
  type TopicNames,
  Topics,
} from './conversations/topics.js';
import type { Dialect } from './dialects/dialect.js';
import { rawUnsupported } from './dialects/raw.js';
import { interceptors } from './interceptors.js';
import type { Peer } from './peer.js';

/** Subscriptions survive reconnects. */
const LASTING: RequestOptions = { retries: Number.POSITIVE_INFINITY };

/** The part of a client that its subscriptions require. */
export interface TopicClient {
  readonly id: string;
  readonly dialect: Dialect;
  ask(type: string, data: unknown, options: RequestOptions): Promise<unknown>;
}

/** The topics that a client has subscribed to, and their handlers. */
export class ClientTopics {
  readonly #client: TopicClient;
  /** Created with the first subscription or message. */
  #topics: Topics<TopicHandler> | undefined;

  constructor(client: TopicClient) {
    this.#client = client;
  }

  /** What the client has subscribed to. */
  get patterns(): string[] {
    return this.#topics?.patterns ?? [];
  }

  /** @returns the server's answer */
  async subscribe(topics: TopicNames, handler: TopicHandler, options = LASTING): Promise<unknown> {
    const patterns = patternsOf(topics);
    if (!this.#client.dialect.capabilities.namedEvents) throw rawUnsupported(SUBSCRIBE);
    this.#topics ??= new Topics();
    for (const pattern of patterns) this.#topics.add(pattern, handler);
    return this.#client.ask(SUBSCRIBE, patterns, options);
  }

  /** @returns the server's answer; undefined if other handlers still need all of the subscriptions */
  async unsubscribe(
    topics: TopicNames,
    handler: TopicHandler | undefined,
    options = LASTING,
  ): Promise<unknown> {
    const patterns = patternsOf(topics).filter((pattern) => this.#topics?.has(pattern));
    for (const pattern of patterns) this.#topics?.remove(pattern, handler);
    const gone = patterns.filter((pattern) => !this.#topics?.has(pattern));
    return gone.length > 0 ? this.#client.ask(UNSUBSCRIBE, gone, options) : undefined;
  }

  /** Subscribes again, over a new connection. */
  restore(peer: Peer): void {
    const { patterns } = this;
    if (patterns.length > 0) peer.send({ type: SUBSCRIBE, data: patterns });
  }

  /**
   * Calls the handlers of a topic message.
   * @returns in some dialects, the event in whose form the program expects a message that no handler claims
   */
  receive(packet: Packet, peer: Peer): Packet | undefined {
    const message = (packet.data ?? {}) as TopicMessage;
    const { topic, data } = message;
    if (typeof topic !== 'string') return undefined;
    let claimed = false;
    this.#topics ??= new Topics();
    const topics = this.#topics;
    if (interceptors.receive === undefined) claimed = callTopics(topics, topic, data);
    else {
      const { id } = this.#client;
      const meta = metaOf(packet);
      interceptors.receive(
        { kind: 'topic', side: 'client', type: topic, id, peer: peer.socket, meta },
        () => {
          claimed = callTopics(topics, topic, data);
        },
      );
    }
    return claimed ? undefined : peer.dialect.unclaimed?.(message);
  }
}
