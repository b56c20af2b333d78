import type { HandlerFigures } from '../../services/inspect/index.js';
import type { Slow } from './shown.js';

/** How long an idle handler is remembered, in milliseconds. */
const WINDOW_MS = 10_000;
const MOST_BATCHES = 200;

/** The handler durations of a process in a sliding window of the last seconds. */
export class Slowest {
  #batches: { readonly at: number; readonly handlers: readonly HandlerFigures[] }[] = [];

  /** Adds the figures of one batch. */
  take(handlers: readonly HandlerFigures[], at = Date.now()): void {
    if (handlers.length > 0) this.#batches.push({ at, handlers });
    const first = this.#batches.findIndex((batch) => batch.at > at - WINDOW_MS);
    this.#batches = first === -1 ? [] : this.#batches.slice(first).slice(-MOST_BATCHES);
  }

  /** Returns the slowest handlers, ordered by mean duration. */
  list(most: number): Slow[] {
    const types = new Map<string, { count: number; failed: number; total: number; most: number }>();
    for (const { handlers } of this.#batches) {
      for (const { type, count, failed, total, most: longest } of handlers) {
        const sum = types.get(type) ?? { count: 0, failed: 0, total: 0, most: 0 };
        sum.count += count;
        sum.failed += failed;
        sum.total += total;
        sum.most = Math.max(sum.most, longest);
        types.set(type, sum);
      }
    }
    return [...types]
      .map(([type, sum]) => ({
        type,
        count: sum.count,
        failed: sum.failed,
        mean: sum.total / sum.count,
        most: sum.most,
      }))
      .sort((one, other) => other.mean - one.mean)
      .slice(0, most);
  }
}
