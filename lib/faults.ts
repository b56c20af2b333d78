import { isThenable } from './thenable.js';

function rethrow(error: unknown): void {
  throw error;
}

/**
 * Has what a user's callback threw surface as an uncaught exception right after the current callback, so that it disturbs
 * nothing else.
 */
export function surface(error: unknown): void {
  process.nextTick(rethrow, error);
}

/** Calls a user's callback whose result nobody waits for: what it throws, or is rejected with, surfaces. */
export function safely(act: () => unknown): void {
  try {
    const result = act();
    if (isThenable(result)) void result.then(undefined, surface);
  } catch (error) {
    surface(error);
  }
}
