import type { IPCError } from '../../entities/errors.js';

/** The common part of Node's EventEmitter and our emitters. */
export interface Emits {
  on(type: string, handler: (...args: unknown[]) => void): unknown;
  off(type: string, handler: (...args: unknown[]) => void): unknown;
}

/**
 * Waits for the next event of a type, and returns the arguments of its handlers.
 * @param timeout in milliseconds, by default 60000; then it rejects with the name of the event
 */
export function once<Args extends unknown[] = unknown[]>(
  emitter: Emits,
  type: string,
  { timeout = 60_000 }: { timeout?: number } = {},
): Promise<Args> {
  // The error is created here, so that its stack shows the waiting code.
  const late = new Error(`No '${type}' event within ${timeout} ms`);
  return new Promise((resolve, reject) => {
    const handler = (...args: unknown[]) => {
      clearTimeout(timer);
      emitter.off(type, handler);
      resolve(args as Args);
    };
    const timer = setTimeout(() => {
      emitter.off(type, handler);
      reject(late);
    }, timeout).unref();
    emitter.on(type, handler);
  });
}

/**
 * Waits for the next `count` events of a type, and returns the first argument of each.
 * @param timeout in milliseconds, by default 60000
 */
export function heard<First = unknown>(
  emitter: Emits,
  type: string,
  count: number,
  { timeout = 60_000 }: { timeout?: number } = {},
): Promise<First[]> {
  const found: First[] = [];
  const late = new Error('');
  return new Promise((resolve, reject) => {
    const handler = (...args: unknown[]) => {
      found.push(args[0] as First);
      if (found.length === count) settle(() => resolve(found));
    };
    const settle = (act: () => void) => {
      clearTimeout(timer);
      emitter.off(type, handler);
      act();
    };
    const timer = setTimeout(() => {
      late.message = `Only ${found.length} of ${count} '${type}' events within ${timeout} ms`;
      settle(() => reject(late));
    }, timeout);
    emitter.on(type, handler);
  });
}

/** Returns the error with which a promise is rejected. Throws if the promise is fulfilled. */
export async function failure(promise: Promise<unknown>): Promise<IPCError> {
  try {
    await promise;
  } catch (error) {
    return error as IPCError;
  }
  throw new Error('The promise was fulfilled, and should have been rejected');
}
