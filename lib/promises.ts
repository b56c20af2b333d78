import { ignore } from './faults.js';

/** Runs a function synchronously, and returns its outcome as a promise. */
export function promised(act: () => void): Promise<void> {
  return suppressUnhandled(
    new Promise((resolve) => {
      act();
      resolve();
    }),
  );
}

/** Suppresses the unhandled rejection of a promise whose error is also reported elsewhere. */
export function suppressUnhandled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(ignore);
  return promise;
}

/** A promise that knows whether it has listeners: by `then`, `catch`, `finally` or `await`. */
class HeardPromise<Value> extends Promise<Value> {
  heard = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<One = Value, Other = never>(
    fulfilled?: ((value: Value) => One | PromiseLike<One>) | null,
    rejected?: ((reason: unknown) => Other | PromiseLike<Other>) | null,
  ): Promise<One | Other> {
    this.heard = true;
    return super.then(fulfilled, rejected);
  }
}

/** The errors that have reached a listener. */
const heardErrors = new WeakSet<Error>();

/**
 * Wraps a promise whose rejection may go unhandled: if it has no listener when it rejects, and neither has another promise
 * that rejects with the same error, `unheard` is called with the error.
 */
export function heardOr<Value>(promise: Promise<Value>, unheard: (error: unknown) => void): Promise<Value> {
  const listened: HeardPromise<Value> = new HeardPromise((resolve) => {
    const failed = (error: unknown) => {
      // Promise's own `then` does not count as a listener.
      queueMicrotask(() => Promise.prototype.then.call(listened, undefined, ignore));
      if (listened.heard && error instanceof Error) heardErrors.add(error);
      setImmediate(() => {
        if (!listened.heard && !heardErrors.has(error as Error)) unheard(error);
      });
    };
    resolve(tracing(promise, failed));
  });
  return listened;
}

/** Resolves when a promise has settled, one way or the other, or when so many milliseconds have passed. */
export async function settledWithin(
  promise: Promise<unknown> | undefined,
  milliseconds: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([late, Promise.allSettled([promise])]);
  clearTimeout(timer);
}

/** Like {@link suppressUnhandled}, for a promise that is rejected already. */
export function rejected(error: unknown): Promise<never> {
  return suppressUnhandled(Promise.reject(error));
}

/**
 * Like {@link suppressUnhandled}, for a promise that nobody else has. The stack of its error shows who awaits the result.
 */
export function traced<Value>(promise: Promise<Value>): Promise<Value> {
  const result = tracing(promise, () => queueMicrotask(() => suppressUnhandled(result)));
  return result;
}

/** A promise that is rejected with an error whose stack shows who awaits it. */
export function rejectedAsAwaited(error: unknown): Promise<never> {
  return tracing(Promise.reject(error), ignore);
}

/**
 * V8 knows who awaits a promise once all who were given it, or a promise that is resolved with it, have had their turns, and
 * only if it has one listener. A promise whose rejection may go unhandled therefore gets its other listener in `failed`.
 */
async function tracing<Value>(promise: Promise<Value>, failed: (error: unknown) => void): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    await undefined;
    if (error instanceof Error) Error.captureStackTrace(error, tracing);
    failed(error);
    throw error;
  }
}

interface Waiter<Value> {
  resolve(value: Value): void;
  reject(error: unknown): void;
}

/** Promises that wait for the same event; each is settled once, and an unhandled rejection is suppressed. */
export class Waiters<Value> {
  #waiting: Waiter<Value>[] = [];

  wait(): Promise<Value> {
    return suppressUnhandled(
      new Promise((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
      }),
    );
  }

  get size(): number {
    return this.#waiting.length;
  }

  resolve(value: Value): void {
    for (const waiter of this.#take()) waiter.resolve(value);
  }

  reject(error: unknown): void {
    for (const waiter of this.#take()) waiter.reject(error);
  }

  #take(): Waiter<Value>[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}
