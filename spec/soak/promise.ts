/** The counts of a campaign. */
export type Figures = Record<string, number | string>;

/** The error of a guarantee of the package that did not hold. */
export class BrokenPromise extends Error {}

/** Throws if a guarantee does not hold. */
export function hold(kept: boolean, what: string): asserts kept {
  if (!kept) throw new BrokenPromise(what);
}

/** Waits for a promise. If it takes longer than `timeout` milliseconds, a guarantee is broken. */
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

/** Checks a condition every few milliseconds until it holds. */
export async function until(
  what: string,
  so: () => boolean | Promise<boolean>,
  timeout = 60_000,
): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await so())) {
    hold(performance.now() < end, `${what}: not within ${timeout} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
