import { basename } from 'node:path';
import { type Client, IPC } from '../../index.js';
import type { ProcessReport, WatchBatch, WatchOptions } from '../../services/inspect/index.js';
import { inspectorSockets } from './directories.js';
import { type Figures, figuresOf } from './rates.js';
import { Slowest } from './slowest.js';

/** The default of {@link InspectedProcess.refresh}. */
const PATIENCE_MS = 2000;
/** How many entries each list of a report may have (peers, subscriptions and so on). */
const LIMIT = 200;

/** One inspected process, or one worker thread of it. */
export class InspectedProcess {
  /** `PID`, or `PID.THREAD` for a worker thread. */
  readonly key: string;
  readonly slowest = new Slowest();
  report: ProcessReport | undefined;
  figures: Figures | undefined;
  /** Whether the last report timed out, which means that the event loop is blocked. */
  blocked = false;
  readonly #client: Client;
  #watching: AbortController | undefined;
  #asking: Promise<void> | undefined;

  constructor(path: string) {
    const [pid = '', thread] = basename(path).split('.');
    this.key = thread === '0' ? pid : `${pid}.${thread}`;
    const ipc = new IPC();
    Object.assign(ipc.config, { silent: true, sameUser: true, stopRetrying: true, maxRetries: 0 });
    this.#client = ipc.connectTo(path, path);
    this.#client.on('error', () => {});
  }

  /** Whether the process has exited or could never be reached. */
  get gone(): boolean {
    const { status } = this.#client.inspect({ limit: 0 });
    return status === 'disconnected' || status === 'idle';
  }

  /**
   * Requests a report, unless one is requested already.
   * @param patience how long the process may take before it counts as blocked, in milliseconds
   */
  refresh(patience = PATIENCE_MS): Promise<void> {
    this.#asking ??= this.#ask(patience).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(timeout: number): Promise<void> {
    try {
      const report: ProcessReport = await this.#client.request('report', { limit: LIMIT }, { timeout });
      this.figures = figuresOf(report, this.report);
      this.report = report;
      this.blocked = false;
    } catch {
      this.blocked = true;
    }
  }

  /** Watches the process until {@link unwatch} is called or the process exits. */
  watch(options: WatchOptions, batch: (batch: WatchBatch) => void): void {
    this.unwatch();
    const watching = new AbortController();
    this.#watching = watching;
    void (async () => {
      try {
        const stream = this.#client.stream('watch', options, { signal: watching.signal });
        for await (const item of stream) {
          this.slowest.take((item as WatchBatch).handlers);
          batch(item as WatchBatch);
        }
      } catch {
        // The process has exited, or another watcher is active; its reports must suffice.
      }
    })();
  }

  unwatch(): void {
    this.#watching?.abort();
    this.#watching = undefined;
  }

  close(): void {
    this.unwatch();
    this.#client.destroy();
  }
}

/** All inspected processes of this user, except this one. */
export class Processes {
  readonly #known = new Map<string, InspectedProcess>();
  readonly #met: (process: InspectedProcess) => void;
  readonly #own = new RegExp(`^${process.pid}\\.`);

  /** @param met called for each new process */
  constructor(met: (process: InspectedProcess) => void = () => {}) {
    this.#met = met;
  }

  /** The processes that have reported, ordered by process id. */
  get all(): InspectedProcess[] {
    return [...this.#known.values()]
      .filter(({ report }) => report !== undefined)
      .sort((one, other) => Number(one.key) - Number(other.key));
  }

  /**
   * Looks for new and exited processes, and requests a report from each. It does not wait for processes that were blocked
   * before; their reports count as soon as they arrive.
   * @param patience as for {@link InspectedProcess.refresh}
   */
  async refresh(patience?: number): Promise<void> {
    for (const [path, one] of this.#known) if (one.gone) this.#drop(path, one);
    for (const path of inspectorSockets()) {
      if (this.#known.has(path) || this.#own.test(basename(path))) continue;
      const one = new InspectedProcess(path);
      this.#known.set(path, one);
      this.#met(one);
    }
    const waiting: Promise<void>[] = [];
    for (const one of this.#known.values()) {
      const { blocked } = one;
      const reported = one.refresh(patience);
      if (!blocked) waiting.push(reported);
    }
    await Promise.all(waiting);
    for (const [path, one] of this.#known) if (one.gone) this.#drop(path, one);
  }

  close(): void {
    for (const [path, one] of this.#known) this.#drop(path, one);
  }

  #drop(path: string, one: InspectedProcess): void {
    this.#known.delete(path);
    one.close();
  }
}

/** The current reports of all inspected processes. */
export async function reports(): Promise<ProcessReport[]> {
  const processes = new Processes();
  try {
    await processes.refresh();
    return processes.all.flatMap(({ report }) => report ?? []);
  } finally {
    processes.close();
  }
}
