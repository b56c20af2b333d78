import { type Limit, wineLimits } from '../windows/limits.js';

/** Skips specs that need features that Wine lacks, with the reason. It is a reporter, because only reporters get the names of specs. */
export class WineSkips implements jasmine.CustomReporter {
  #name = '';

  /** Create it before any spec file loads. */
  constructor() {
    beforeEach(() => {
      const limit = wineLimits.find((one) => beginnings(one).some((start) => this.#name.startsWith(start)));
      if (limit !== undefined) pending(`Wine: ${limit.why}`);
    });
  }

  specStarted({ fullName }: jasmine.SpecResult): void {
    this.#name = fullName;
  }
}

/**
 * Returns the beginnings in the limits of Wine that match no spec, for example because a spec was renamed.
 * @param names the full names of all specs on this platform
 */
export function staleLimits(names: readonly string[]): string[] {
  const starts = wineLimits.flatMap((limit) =>
    process.platform === 'win32' ? beginnings(limit) : limit.specs,
  );
  return starts.filter((start) => !names.some((name) => name.startsWith(start)));
}

function beginnings({ specs, windows = [] }: Limit): readonly string[] {
  return [...specs, ...windows];
}
