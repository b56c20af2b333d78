import { type Limit, wineLimits } from '../windows/limits.js';

/** Skips the specs that need what Wine lacks, each with the reason; a reporter, since only reporters are told the names. */
export class WineSkips implements jasmine.CustomReporter {
  #name = '';

  /** To be made before any spec file loads. */
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
 * What fits no spec any more.
 * @param reasons why specs were skipped
 */
export function unusedLimits(reasons: ReadonlySet<string>): string[] {
  return wineLimits.filter((limit) => !reasons.has(reasonOf(limit))).map(({ specs }) => String(specs));
}

function reasonOf({ why }: Limit): string {
  return `Wine: ${why}`;
}
