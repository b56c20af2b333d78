import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isMainThread, threadId } from 'node:worker_threads';
import { defaults } from '../../entities/config.js';
import { IPCError, messageOf } from '../../entities/errors.js';
import { fs } from '../../lib/lazy-modules.js';
import { createLog } from '../../lib/log.js';
import { Server } from '../../lib/server.js';
import { inspectorPath, sweep } from './place.js';
import type { WatchBatch, WatchOptions } from './records.js';
import { Registry } from './registry.js';
import type { ProcessReport } from './report.js';
import { Watch } from './watch.js';

/** The requests that an inspector answers. */
interface Contract {
  report: { request: { limit?: number } | undefined; response: ProcessReport };
  watch: { request: WatchOptions | undefined; stream: WatchBatch };
}

const MOST_WATCHES = 8;
const MOST_LIMIT = 1000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Makes this process or worker thread visible to the `omni-ipc` command of the same user. A socket in the user's private
 * directory answers with reports, and streams packets while a tool watches. It opens with the first client, server or
 * channel and never keeps the process running. If it cannot open, it emits a process warning and does not affect the
 * program.
 */
export class Inspector {
  readonly #registry = new Registry(() => void this.#open());
  readonly #own = new WeakSet<object>();
  #watches = 0;
  /** Undefined if the runtime does not support it. */
  #loop = performance.eventLoopUtilization?.();

  async #open(): Promise<void> {
    try {
      if (process.platform === 'win32') throw unsupported();
      const path = inspectorPath();
      const server = this.#server(path);
      this.#leaveNothing(path);
      await sweep(dirname(path));
      await server.start();
      server.unref();
    } catch (error) {
      const message = `omni-ipc/inspect: this process cannot be inspected. ${messageOf(error)}`;
      process.emitWarning(message, { code: error instanceof IPCError ? error.code : 'ERR_IPC_LISTEN' });
    }
  }

  #server(path: string): Server<Contract> {
    const config = { ...defaults(), silent: true, exclusive: true, identifyPeer: false, maxConnections: 32 };
    const log = createLog(() => config);
    const address = { transport: 'unix', path } as const;
    const server = this.#registry.unseen(() => new Server<Contract>({ address, config, log }));
    server.on('connect', (socket) => {
      this.#own.add(socket);
      socket.unref();
    });
    server.handle('report', (options) => this.#report(options?.limit));
    server.handle('watch', (options) => this.#watch(options ?? {}));
    return server;
  }

  #report(limit: unknown): ProcessReport {
    const { user, system } = process.cpuUsage();
    const loop = performance.eventLoopUtilization?.();
    const busy = loop === undefined ? 0 : performance.eventLoopUtilization(loop, this.#loop).utilization;
    this.#loop = loop;
    const file = process.argv[1] ?? '';
    return {
      pid: process.pid,
      thread: threadId,
      parent: process.ppid,
      program: file === '' ? process.title : join(basename(dirname(file)), basename(file)),
      node: process.version,
      since: performance.timeOrigin,
      time: Date.now(),
      memory: process.memoryUsage.rss(),
      cpu: (user + system) / 1000,
      busy,
      instances: this.#registry.reports({
        limit: typeof limit === 'number' && limit >= 0 ? Math.min(limit, MOST_LIMIT) : 100,
      }),
    };
  }

  async *#watch(options: WatchOptions): AsyncGenerator<WatchBatch, void, undefined> {
    if (this.#watches >= MOST_WATCHES) {
      const message = `${MOST_WATCHES} others watch this process already; end one of them first.`;
      throw new IPCError('ERR_IPC_FULL', message);
    }
    this.#watches++;
    const watch = new Watch(options, this.#registry, this.#own);
    try {
      for (;;) {
        await wait(watch.interval, undefined, { ref: false });
        yield watch.take();
      }
    } finally {
      watch.end();
      this.#watches--;
    }
  }

  /** Removes the socket when the process exits, unless the process is killed. */
  #leaveNothing(path: string): void {
    const remove = () => {
      try {
        fs.rmSync(path, { force: true });
      } catch {
        // The next inspector removes it.
      }
    };
    process.on('exit', remove);
    if (!isMainThread) return;
    for (const signal of SIGNALS) {
      const ended = () => {
        // If the program has its own signal handler, that decides what happens.
        if (process.listenerCount(signal) > 1) return;
        remove();
        process.off(signal, ended);
        process.kill(process.pid, signal);
      };
      process.on(signal, ended);
    }
  }
}

function unsupported(): IPCError {
  const message = 'It needs Unix sockets with owners, which Windows does not have.';
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
