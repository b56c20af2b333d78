/** Something that Windows can do and Wine cannot, and the specs that need it. */
export interface Limit {
  /** Fits the full names of the specs. */
  readonly specs: RegExp;
  readonly why: string;
}

/** All that is skipped under Wine alone; what Windows itself lacks, specs skip by themselves. */
export const wineLimits: readonly Limit[] = [];
