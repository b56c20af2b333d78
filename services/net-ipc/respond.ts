import type { EventEmitter } from 'node:events';
import { emitSafely } from '../adapter/emit-safely.js';

/**
 * Answers a request. Resolves when the answer was handed to the system; rejects if it cannot be sent. Only the first answer
 * counts.
 */
export type Respond = (data?: unknown) => Promise<void>;

/** Emits a request to the listeners. Without listeners it is answered with an empty response, as in net-ipc. */
export function emitRequest(emitter: EventEmitter, data: unknown, answer: Respond, ...more: unknown[]): void {
  if (emitter.listenerCount('request') > 0) emitSafely(emitter, 'request', data, once(answer), ...more);
  else answer(undefined).catch(() => {});
}

/** Allows one answer; if it cannot be sent, another one may be tried. */
function once(answer: Respond): Respond {
  let answered: Promise<void> | undefined;
  return (data) => {
    if (answered !== undefined) return answered;
    answered = answer(data);
    answered.catch(() => {
      answered = undefined;
    });
    return answered;
  };
}
