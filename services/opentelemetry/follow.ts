/** Called once when a stream ends, with the error if there was one. */
export type Ended = (error?: unknown) => void;

/**
 * Wraps the items of a handler's response, so that they are read in the handler's context.
 * @param run calls a function in that context
 */
export function followed(
  items: AsyncIterable<unknown>,
  run: <Result>(act: () => Result) => Result,
  ended: Ended,
): AsyncIterable<unknown> {
  return {
    ...destroyer(items, ended),
    [Symbol.asyncIterator](): AsyncIterator<unknown> {
      const iterator = run(() => items[Symbol.asyncIterator]());
      const leave = iterator.return?.bind(iterator);
      return {
        next: () =>
          told(
            run(() => iterator.next()),
            ended,
          ),
        ...(leave === undefined
          ? {}
          : {
              return: (value?: unknown) =>
                left(
                  run(() => leave(value)),
                  ended,
                ),
            }),
      };
    },
  };
}

/** The method that destroys a stream of Node, so that it ends even if nobody reads it. */
function destroyer(items: unknown, ended: Ended): object {
  const { destroy, pipe } = items as { destroy?: unknown; pipe?: unknown };
  if (typeof destroy !== 'function' || typeof pipe !== 'function') return {};
  const end = (error?: unknown) => {
    destroy.call(items, error);
    ended(error);
  };
  return { destroy: end, pipe };
}

/** What the diagnostics channel `omni-ipc:request` publishes about a stream that this process reads. */
interface CallEvent {
  readonly state: 'open' | 'done' | 'failed';
  readonly stream?: object;
  readonly error?: unknown;
}

/** The tracked streams, by the object that the caller reads. */
const readers = new WeakMap<object, Reader>();

/**
 * Tracks the items that a caller reads, until the stream ends, the caller leaves it, or {@link callEvent} reports that the
 * call has ended.
 */
export function follow(stream: AsyncIterator<unknown>, ended: Ended): void {
  readers.set(stream, new Reader(stream, ended));
}

/** Handles the events of `omni-ipc:request`, so that a call ends even if nobody reads its items. */
export function callEvent(message: unknown): void {
  const { state, stream, error } = message as CallEvent;
  if (state !== 'open' && stream !== undefined) readers.get(stream)?.over(error);
}

/** Tracks the reader of a stream. */
class Reader {
  readonly #ended: Ended;
  /** How many items it is waiting for. If one of them fails, its error is more precise than that of the call. */
  #waiting = 0;
  #over: { readonly error: unknown } | undefined;

  constructor(stream: AsyncIterator<unknown>, ended: Ended) {
    this.#ended = ended;
    const next = stream.next.bind(stream);
    replace(stream, 'next', () => this.#next(next()));
    const leave = stream.return?.bind(stream);
    if (leave !== undefined) replace(stream, 'return', (value) => left(leave(value), ended));
  }

  /** The call has ended; its last items may still be unread. */
  over(error: unknown): void {
    this.#over = { error };
    if (this.#waiting === 0) this.#ended(error);
  }

  async #next(item: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> {
    this.#waiting++;
    try {
      return await told(item, this.#ended);
    } finally {
      this.#waiting--;
      if (this.#over !== undefined) this.over(this.#over.error);
    }
  }
}

function replace(stream: object, name: string, value: (given?: unknown) => unknown): void {
  Object.defineProperty(stream, name, { configurable: true, writable: true, value });
}

async function told(item: Promise<IteratorResult<unknown>>, ended: Ended): Promise<IteratorResult<unknown>> {
  try {
    const result = await item;
    if (result.done === true) ended();
    return result;
  } catch (error) {
    ended(error);
    throw error;
  }
}

async function left(end: Promise<IteratorResult<unknown>>, ended: Ended): Promise<IteratorResult<unknown>> {
  try {
    return await end;
  } finally {
    ended();
  }
}
