/** What a campaign counted. */
export type Figures = Record<string, number | string>;

/** A promise of the package's did not hold. */
export class BrokenPromise extends Error {}

/** Goes on only where a promise is kept. */
export function hold(kept: boolean, what: string): asserts kept {
  if (!kept) throw new BrokenPromise(what);
}

/** Waits for something that has an end; a promise is broken where it takes longer than `timeout` milliseconds. */
export async function within<Value>(timeout: number, what: string, work: Promise<Value>): Promise<Value> {
  const late = new BrokenPromise(`${what} took more than ${timeout} ms`);
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), timeout);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Looks again every few milliseconds until something is so. */
export async function until(
  what: string,
  so: () => boolean | Promise<boolean>,
  timeout = 20_000,
): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await so())) {
    hold(performance.now() < end, `${what}: not within ${timeout} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
