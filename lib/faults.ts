import { isThenable } from './thenable.js';

function rethrow(error: unknown): void {
  throw error;
}

/** Handles an error that is reported elsewhere, or that concerns nobody. */
export function ignore(): void {}

/**
 * Throws an error of a user's callback as an uncaught exception right after the current callback, so that it does not
 * disturb the engine.
 */
export function surface(error: unknown): void {
  process.nextTick(rethrow, error);
}

/** Calls a user's callback whose result is not used. If it throws or rejects, the error is passed to {@link surface}. */
export function safely(act: () => unknown): void {
  try {
    const result = act();
    if (isThenable(result)) void result.then(undefined, surface);
  } catch (error) {
    surface(error);
  }
}
