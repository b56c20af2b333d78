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

/** Follows the items that a caller reads until they end, or it leaves. */
export function follow(stream: AsyncIterator<unknown>, ended: Ended): void {
  const next = stream.next.bind(stream);
  const leave = stream.return?.bind(stream);
  Object.defineProperty(stream, 'next', {
    configurable: true,
    writable: true,
    value: () => told(next(), ended),
  });
  if (leave === undefined) return;
  Object.defineProperty(stream, 'return', {
    configurable: true,
    writable: true,
    value: (value?: unknown) => left(leave(value), ended),
  });
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
