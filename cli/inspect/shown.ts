/** A handler's figures for the last seconds. */
export interface Slow {
  readonly type: string;
  readonly count: number;
  readonly failed: number;
  /** The mean duration, in milliseconds. */
  readonly mean: number;
  readonly most: number;
}

/** What `top` and the web view show of an inspected process or of a worker thread. */
export interface ShownProcess {
  readonly key: string;
  readonly program: string;
  readonly connections: number;
  /** Packets and bytes per second, both directions together. */
  readonly messages: number;
  readonly bytes: number;
  readonly open: number;
  /** How many requests its handlers work on. */
  readonly answering: number;
  readonly queued: number;
  /** CPU usage in percent of one core. */
  readonly cpu: number;
  /** Whether the last report timed out. */
  readonly blocked: boolean;
  /** Its slowest handlers of the last seconds. */
  readonly slowest: readonly Slow[];
}
