/** Told of a stream's end, with the error that ended it, once. */
export type Ended = (error?: unknown) => void;

/**
 * The items that a handler responds with, read in the handler's context.
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

/** What makes Node's own streams end where nobody reads them. */
function destroyer(items: unknown, ended: Ended): object {
  const { destroy, pipe } = items as { destroy?: unknown; pipe?: unknown };
  if (typeof destroy !== 'function' || typeof pipe !== 'function') return {};
  const end = (error?: unknown) => {
    destroy.call(items, error);
    ended(error);
  };
  return { destroy: end, pipe };
}

/** What the diagnostics channel `omni-ipc:request` tells of a stream that its caller reads. */
interface CallEvent {
  readonly state: 'open' | 'done' | 'failed';
  readonly stream?: object;
  readonly error?: unknown;
}

/** Streams that are followed, by what their callers read. */
const readers = new WeakMap<object, Reader>();

/** Follows the items that a caller reads until they end, or it leaves, or {@link callEvent} says that the call is over. */
export function follow(stream: AsyncIterator<unknown>, ended: Ended): void {
  readers.set(stream, new Reader(stream, ended));
}

/** Takes what `omni-ipc:request` tells, so that a call ends whose items nobody reads. */
export function callEvent(message: unknown): void {
  const { state, stream, error } = message as CallEvent;
  if (state !== 'open' && stream !== undefined) readers.get(stream)?.over(error);
}

/** Listens to the reader of a stream. */
class Reader {
  readonly #ended: Ended;
  /** How many items it waits for just now: if one of them fails, that says more than the end of the call. */
  #waiting = 0;
  #over: { readonly error: unknown } | undefined;

  constructor(stream: AsyncIterator<unknown>, ended: Ended) {
    this.#ended = ended;
    const next = stream.next.bind(stream);
    replace(stream, 'next', () => this.#next(next()));
    const leave = stream.return?.bind(stream);
    if (leave !== undefined) replace(stream, 'return', (value) => left(leave(value), ended));
  }

  /** The call is over; its last items may not be read yet. */
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
