import { basename } from 'node:path';
import { type Client, IPC } from '../../index.js';
import type { ProcessReport, WatchBatch, WatchOptions } from '../../services/inspect/index.js';
import { inspectorSockets } from './directories.js';
import { type Figures, figuresOf } from './rates.js';
import { Slowest } from './slowest.js';

/** How long a process may take for a report before it counts as blocked, in milliseconds. */
const PATIENCE_MS = 2000;
/** How many peers, subscriptions and the like a report lists. */
const LIMIT = 200;

/** One inspected process, or a worker thread of it. */
export class InspectedProcess {
  /** `PID`, or `PID.THREAD` for a worker thread. */
  readonly key: string;
  readonly slowest = new Slowest();
  report: ProcessReport | undefined;
  figures: Figures | undefined;
  /** Whether it left the last question unanswered: its event loop is blocked. */
  blocked = false;
  readonly #client: Client;
  #watching: AbortController | undefined;

  constructor(path: string) {
    const [pid = '', thread] = basename(path).split('.');
    this.key = thread === '0' ? pid : `${pid}.${thread}`;
    const ipc = new IPC();
    Object.assign(ipc.config, { silent: true, sameUser: true, stopRetrying: true, maxRetries: 0 });
    this.#client = ipc.connectTo(path, path);
    this.#client.on('error', () => {});
  }

  /** Whether it is gone, or has never been there. */
  get gone(): boolean {
    const { status } = this.#client.inspect({ limit: 0 });
    return status === 'disconnected' || status === 'idle';
  }

  async refresh(): Promise<void> {
    try {
      const report: ProcessReport = await this.#client.request(
        'report',
        { limit: LIMIT },
        { timeout: PATIENCE_MS },
      );
      this.figures = figuresOf(report, this.report);
      this.report = report;
      this.blocked = false;
    } catch {
      this.blocked = true;
    }
  }

  /** Watches until {@link unwatch}, or until it is gone. */
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
        // It is gone, or others watch it already: what it reports has to do.
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

/** All inspected processes of this user, but for this one. */
export class Processes {
  readonly #known = new Map<string, InspectedProcess>();
  readonly #met: (process: InspectedProcess) => void;
  readonly #own = new RegExp(`^${process.pid}\\.`);

  /** @param met is called with each process that has come */
  constructor(met: (process: InspectedProcess) => void = () => {}) {
    this.#met = met;
  }

  /** Those that have reported, in the order of their numbers. */
  get all(): InspectedProcess[] {
    return [...this.#known.values()]
      .filter(({ report }) => report !== undefined)
      .sort((one, other) => Number(one.key) - Number(other.key));
  }

  /** Looks who has come and who is gone, and asks all of them how they are. */
  async refresh(): Promise<void> {
    for (const [path, one] of this.#known) if (one.gone) this.#drop(path, one);
    for (const path of inspectorSockets()) {
      if (this.#known.has(path) || this.#own.test(basename(path))) continue;
      const one = new InspectedProcess(path);
      this.#known.set(path, one);
      this.#met(one);
    }
    await Promise.all([...this.#known.values()].map((one) => one.refresh()));
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

/** What inspected processes report at this moment. */
export async function reports(): Promise<ProcessReport[]> {
  const processes = new Processes();
  try {
    await processes.refresh();
    return processes.all.flatMap(({ report }) => report ?? []);
  } finally {
    processes.close();
  }
}
