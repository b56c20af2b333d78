/** A handler's last seconds. */
export interface Slow {
  readonly type: string;
  readonly count: number;
  readonly failed: number;
  /** Milliseconds. */
  readonly mean: number;
  readonly most: number;
}

/** What `top` and the web view show of an inspected process, or of a worker thread of it. */
export interface ShownProcess {
  readonly key: string;
  readonly program: string;
  readonly connections: number;
  /** Packets and bytes a second, both directions together. */
  readonly messages: number;
  readonly bytes: number;
  readonly open: number;
  /** How many requests its handlers are at work on. */
  readonly answering: number;
  readonly queued: number;
  /** Of one core, in percent. */
  readonly cpu: number;
  /** Whether it did not answer in time. */
  readonly blocked: boolean;
  /** Its slowest handlers of the last seconds. */
  readonly slowest: readonly Slow[];
}
