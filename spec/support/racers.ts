import { type ChildProcess, fork } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { once } from './events.js';
import { built } from './project.js';

/** The outcome of a race. */
export interface Outcome {
  winner: ChildProcess;
  /** The error codes of the others, each once. */
  others: Set<string>;
}

/** Processes that all try to listen on one path at once. The caller must end them. */
export class Racers {
  readonly #path: string;
  readonly #processes: ChildProcess[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  /** Starts the missing processes. */
  async gather(count: number): Promise<void> {
    const added: Promise<unknown>[] = [];
    while (this.#processes.length < count) {
      const racer = fork(join(built, 'spec/fixtures/racer.js'));
      this.#processes.push(racer);
      added.push(once(racer, 'message'));
    }
    await Promise.all(added);
  }

  /** Makes all of them listen. Throws unless exactly one succeeds and answers at the path. */
  async race(): Promise<Outcome> {
    const said = await Promise.all(this.#processes.map((racer) => this.#run(racer)));
    const winners = this.#processes.filter((_, index) => said[index] === 'listening');
    const [winner] = winners;
    if (winner === undefined || winners.length > 1)
      throw new Error(`${winners.length} processes listen: ${said.join(', ')}`);
    const pid = await this.#whoAnswers();
    if (pid !== winner.pid) throw new Error(`${winner.pid} listens, but ${pid} answers`);
    return { winner, others: new Set(said.filter((word) => word !== 'listening')) };
  }

  /** Kills one of them, which leaves a stale socket. */
  async kill(racer: ChildProcess): Promise<void> {
    this.#processes.splice(this.#processes.indexOf(racer), 1);
    const gone = once(racer, 'close');
    racer.kill('SIGKILL');
    await gone;
  }

  /** Kills all of them. */
  async end(): Promise<void> {
    for (const racer of [...this.#processes]) await this.kill(racer);
  }

  async #run(racer: ChildProcess): Promise<string> {
    const answer = once<[string]>(racer, 'message', { timeout: 60_000 });
    racer.send(this.#path);
    return (await answer)[0];
  }

  async #whoAnswers(): Promise<number> {
    const socket = connect(this.#path);
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
    });
    await once(socket, 'close');
    return Number(said);
  }
}
