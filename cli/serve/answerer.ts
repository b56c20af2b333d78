import type { CallContext } from '../../index.js';

/** Decides how packets are answered. */
export interface Answerer {
  /** Whether packets of this type are answered at all. */
  knows(type: string): boolean;
  /** @returns undefined to send no answer. If it throws, the request fails */
  answer(type: string, data: unknown): Promise<{ data: unknown } | undefined>;
  /** The items of a stream's response. If it throws, the stream ends with that error. */
  stream(type: string, data: unknown, context: CallContext): AsyncIterable<unknown>;
}
