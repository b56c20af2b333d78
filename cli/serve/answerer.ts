import type { CallContext } from '../../index.js';

/** Says what packets are answered with. */
export interface Answerer {
  /** Whether packets of a type are answered at all. */
  knows(type: string): boolean;
  /** @returns undefined if there is nothing to say; what it throws refuses a request */
  answer(type: string, data: unknown): Promise<{ data: unknown } | undefined>;
  /** The items that a call for a stream is answered with; what it throws ends the stream. */
  stream(type: string, data: unknown, context: CallContext): AsyncIterable<unknown>;
}
