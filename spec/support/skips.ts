import { type Limit, wineLimits } from '../windows/limits.js';

/** Skips specs that need features that Wine lacks, with the reason. It is a reporter, because only reporters get the names of specs. */
export class WineSkips implements jasmine.CustomReporter {
  #name = '';

  /** Create it before any spec file loads. */
  constructor() {
    beforeEach(() => {
      const limit = wineLimits.find(({ specs }) => specs.test(this.#name));
      if (limit !== undefined) pending(reasonOf(limit));
    });
  }

  specStarted({ fullName }: jasmine.SpecResult): void {
    this.#name = fullName;
  }
}

/**
 * Returns the limits that match no spec.
 * @param reasons the reasons of the skipped specs
 */
export function unusedLimits(reasons: ReadonlySet<string>): string[] {
  return wineLimits.filter((limit) => !reasons.has(reasonOf(limit))).map(({ specs }) => String(specs));
}

function reasonOf({ why }: Limit): string {
  return `Wine: ${why}`;
}
