import type { IPCError } from '../../entities/errors.js';

/** Topics shared with programs that are not members. */
export interface ForeignTopics {
  publish(topic: string, data: unknown): void;
  /** Subscribes to exactly these patterns. */
  subscribe(patterns: readonly string[]): void;
}

/** The events of {@link ForeignTopics}. */
export interface ForeignTopicEvents {
  /** A program that is not a member has published a message. */
  published(topic: string, data: unknown): void;
  failed(error: IPCError): void;
}
