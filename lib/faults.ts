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
