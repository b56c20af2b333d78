import type { EventEmitter } from 'node:events';
import { emitSafely } from '../adapter/emit-safely.js';

/** Answers a request. Resolves when the answer is on its way, rejects where it cannot be sent; the first answer counts. */
export type Respond = (data?: unknown) => Promise<void>;

/** Tells the listeners of a request; where there are none it is answered with nothing. As net-ipc. */
export function emitRequest(emitter: EventEmitter, data: unknown, answer: Respond, ...more: unknown[]): void {
  if (emitter.listenerCount('request') > 0) emitSafely(emitter, 'request', data, once(answer), ...more);
  else answer(undefined).catch(() => {});
}

/** An answer that cannot be sent may be followed by another one. */
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
