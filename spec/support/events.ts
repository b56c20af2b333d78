/** What a node EventEmitter and an emitter of ours have in common. */
export interface Emits {
  on(type: string, handler: (...args: unknown[]) => void): unknown;
  off(type: string, handler: (...args: unknown[]) => void): unknown;
}

/**
 * Waits for the next event of a type, and gives what its handlers get.
 * @param timeout milliseconds, 10000 by default; then it rejects with a message that names the event
 */
export function once<Args extends unknown[] = unknown[]>(
  emitter: Emits,
  type: string,
  { timeout = 10_000 }: { timeout?: number } = {},
): Promise<Args> {
  // Made here, so that a timeout's stack shows who waited.
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
