/** Does something at once, and promises that it is done. */
export function promised(act: () => void): Promise<void> {
  return suppressUnhandled(
    new Promise((resolve) => {
      act();
      resolve();
    }),
  );
}

/** Marks a promise as one that may go without listeners: its error is reported elsewhere too. */
export function suppressUnhandled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}

/** A promise that knows whether anybody listens to it: by `then`, `catch`, `finally` or `await`. */
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

/** What somebody has been told. */
const heardErrors = new WeakSet<Error>();

/**
 * A promise that may go without listeners: where it is rejected and has none, nor any other that is rejected with the same
 * error, `unheard` is given the error.
 */
export function heardOr<Value>(promise: Promise<Value>, unheard: (error: unknown) => void): Promise<Value> {
  const listened = new HeardPromise<Value>((resolve, reject) => {
    promise.then(resolve, reject);
  });
  // As Promise's own `then`, it does not count as a listener.
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

/** {@link suppressUnhandled} for a promise that is rejected already. */
export function rejected(error: unknown): Promise<never> {
  return suppressUnhandled(Promise.reject(error));
}

/**
 * A promise that is rejected with an error whose stack shows who awaits it. V8 knows that when those who were given the promise,
 * or one that is resolved with it, have had their turns.
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

/** Those who wait for the same thing; each wait is over once, and nobody has to hear how. */
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
