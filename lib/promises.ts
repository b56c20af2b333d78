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
  promise.catch(() => {});
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
  const listened = new HeardPromise<Value>((resolve, reject) => {
    promise.then(resolve, reject);
  });
  // Promise's own `then` does not count as a listener.
  Promise.prototype.then.call(listened, undefined, (error: unknown) => {
    if (listened.heard && error instanceof Error) heardErrors.add(error);
    setImmediate(() => {
      if (!listened.heard && !heardErrors.has(error as Error)) unheard(error);
    });
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
 * Returns a promise that rejects with an error whose stack includes the code that awaits it. V8 can only add that code once
 * the receivers of the promise, or of one that was resolved with it, have run.
 */
export async function rejectedAsAwaited(error: unknown): Promise<never> {
  await undefined;
  await undefined;
  if (error instanceof Error) Error.captureStackTrace(error, rejectedAsAwaited);
  throw error;
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
