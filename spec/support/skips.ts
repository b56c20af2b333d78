import { type Limit, wineLimits } from '../windows/limits.js';

/** Skips the specs that need what Wine lacks, each with the reason; a reporter, since only reporters are told the names. */
export class WineSkips implements jasmine.CustomReporter {
  readonly #used = new Set<Limit>();
  #name = '';

  /** To be made before any spec file loads. */
  constructor() {
    beforeEach(() => {
      const limit = wineLimits.find(({ specs }) => specs.test(this.#name));
      if (limit === undefined) return;
      this.#used.add(limit);
      pending(`Wine: ${limit.why}`);
    });
  }

  specStarted({ fullName }: jasmine.SpecResult): void {
    this.#name = fullName;
  }

  /** What fits no spec any more. */
  get unused(): string[] {
    return wineLimits.filter((limit) => !this.#used.has(limit)).map(({ specs }) => String(specs));
  }
}
