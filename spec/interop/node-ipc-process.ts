import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { withoutCoverage } from '../support/processes.js';
import type { Order, Place, Report, SocketName } from './node-ipc-program.js';

export type { Place, SocketName };

/** A server or a client of a published node-ipc, in its process. */
export interface Opened {
  /** The server's. */
  port: number | undefined;
  /** Has it emit. */
  emit(...args: unknown[]): void;
  broadcast(...args: unknown[]): void;
}

/** The process of a published node-ipc. */
export class NodeIpcProcess {
  readonly #process: ChildProcess;
  #count = 0;

  /** @param module the name that the package is installed under */
  constructor(module: string) {
    const program = fileURLToPath(new URL('node-ipc-program.js', import.meta.url));
    this.#process = fork(program, [module], { serialization: 'advanced', env: withoutCoverage() });
    afterwards(() => this.#end());
  }

  /** Opens a server, or a client that is connected when this settles. It is closed afterwards. */
  async open(role: 'server' | 'client', socket: SocketName, at: Place, config: object = {}): Promise<Opened> {
    const name = `${role}${++this.#count}`;
    afterwards(() => this.#order({ do: 'close', name }));
    const { port } = await this.#order({ do: 'open', name, role, socket, at, config });
    const tell =
      (what: 'emit' | 'broadcast') =>
      (...args: unknown[]) => {
        this.#process.send({ do: what, name, args } satisfies Order);
      };
    return { port, emit: tell('emit'), broadcast: tell('broadcast') };
  }

  #order(order: Order): Promise<Report> {
    return new Promise((resolve, reject) => {
      const look = (report: Report) => {
        if (report.name !== order.name || report.done !== order.do) return;
        this.#process.off('message', look);
        this.#process.off('exit', fail);
        resolve(report);
      };
      const fail = (code: number) => reject(new Error(`node-ipc's process ended with ${code}`));
      this.#process.on('message', look);
      this.#process.on('exit', fail);
      this.#process.send(order);
    });
  }

  async #end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }
}
