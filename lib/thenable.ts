/** Whether a value can be awaited; one that cannot even be looked at throws what its getter throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}
