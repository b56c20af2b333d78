import { IPCError } from '../../entities/errors.js';
import { escapeText } from '../../entities/text.js';
import { parseJSON } from '../../lib/codecs/json.js';
import { Topics } from '../../lib/conversations/topics.js';
import { ReportLimit } from '../../lib/report-limit.js';
import type { ForeignTopicEvents, ForeignTopics } from './foreign-topics.js';
import type { NatsClient, NatsMessage, NatsSubscription } from './nats-client.js';
import type { NatsSubjects } from './nats-subjects.js';

/**
 * A header that marks messages published by members: other members receive these as channel messages, with acknowledgement.
 */
const MEMBER = 'Omni-Ipc-Member';

/** An upper limit of what NATS needs for the header. */
const HEADER_BYTES = 128;

/**
 * Topics for programs with a NATS client in any language: what a member publishes is also a NATS message, as JSON, and what
 * others publish reaches the subscribed members. NATS delivers these at most once.
 */
export class NatsTopics implements ForeignTopics {
  readonly #client: NatsClient;
  readonly #subjects: NatsSubjects;
  readonly #events: ForeignTopicEvents;
  readonly #header: unknown;
  readonly #invalid = new ReportLimit('NATS');
  readonly #subscriptions = new Map<string, NatsSubscription>();
  /** The patterns in the order of subscription. */
  readonly #patterns = new Topics<string>();

  constructor(client: NatsClient, subjects: NatsSubjects, run: string, events: ForeignTopicEvents) {
    this.#client = client;
    this.#subjects = subjects;
    this.#events = events;
    this.#header = client.headers(MEMBER, run);
  }

  /** Publishes a message to programs that are not members. One that exceeds NATS's size limit is reported. */
  publish(topic: string, data: unknown): void {
    const { connection } = this.#client;
    const subject = this.#subjects.topic(topic);
    if (subject === undefined || connection.isClosed()) return;
    const text = JSON.stringify(data) ?? '';
    const most = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (Buffer.byteLength(text) + HEADER_BYTES <= most)
      connection.publish(subject, text, { headers: this.#header });
    else {
      const message = `A publication under "${escapeText(topic)}" is longer than a NATS message may be (${most} bytes): it reaches members only. Send less, or raise max_payload of nats-server.`;
      this.#events.failed(new IPCError('ERR_IPC_TOO_LARGE', message));
    }
  }

  /** Subscribes to exactly these patterns. */
  subscribe(patterns: readonly string[]): void {
    for (const [pattern, subscription] of this.#subscriptions) {
      if (patterns.includes(pattern)) continue;
      subscription.unsubscribe();
      this.#subscriptions.delete(pattern);
      this.#patterns.remove(pattern, pattern);
    }
    for (const pattern of patterns) {
      const subject = this.#subjects.topic(pattern);
      if (subject === undefined || this.#subscriptions.has(pattern)) continue;
      this.#patterns.add(pattern, pattern);
      const callback = (error: Error | null, message: NatsMessage) => {
        if (error === null) this.#received(pattern, message);
      };
      this.#subscriptions.set(pattern, this.#client.connection.subscribe(subject, { callback }));
    }
  }

  /** A message arrives once for each matching pattern; only the first pattern counts. */
  #received(pattern: string, message: NatsMessage): void {
    if (message.headers?.get(MEMBER)) return;
    const topic = this.#subjects.topicOf(message.subject);
    if (this.#patterns.matches(topic)[0] !== pattern) return;
    const text = message.string();
    let data: unknown;
    try {
      data = text === '' ? undefined : parseJSON(text);
    } catch (cause) {
      const fault = this.#invalid.pass(() => {
        const what = `A publication under "${escapeText(topic)}" of a program that is not a member is not JSON, or nests too deep`;
        return new IPCError('ERR_IPC_DECODE', `${what}; it is ignored.`, { cause });
      });
      if (fault !== undefined) this.#events.failed(fault);
      return;
    }
    this.#events.published(topic, data);
  }
}
