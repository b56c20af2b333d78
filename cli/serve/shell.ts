import { type ChildProcess, spawn } from 'node:child_process';
import { IPCError } from '../../index.js';
import { toJson } from '../json.js';

/** How many commands run at the same time, how many packets may wait for one, and how much one may print. */
const MOST_RUNNING = 4;
const MOST_WAITING = 1000;
const MOST_OUTPUT = 16 * 1024 * 1024;

const windows = process.platform === 'win32';

/** Runs a shell command for each packet: its data on standard input, its type in OMNI_IPC_TYPE, and never in the command. */
export class Shell {
  readonly #command: string;
  readonly #failed: (message: string) => void;
  readonly #running = new Set<ChildProcess>();
  readonly #waiting: (() => void)[] = [];
  #slots = MOST_RUNNING;
  #over = false;

  constructor(command: string, failed: (message: string) => void) {
    this.#command = command;
    this.#failed = failed;
  }

  /** @returns what the command prints: JSON, or else text; undefined if it prints nothing */
  async run(type: string, data: unknown): Promise<{ data: unknown } | undefined> {
    if (this.#waiting.length >= MOST_WAITING)
      throw new IPCError('ERR_IPC_BACKPRESSURE', `${MOST_WAITING} packets wait for the command already.`);
    if (this.#slots > 0) this.#slots--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      const text = await this.#spawn(type, data);
      return text === '' ? undefined : { data: parsed(text) };
    } catch (error) {
      this.#failed((error as Error).message);
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#slots++;
      else next();
    }
  }

  /** Ends the commands that run, with all that they have started. */
  end(): void {
    this.#over = true;
    for (const child of this.#running) kill(child);
    for (const next of this.#waiting.splice(0)) next();
  }

  #spawn(type: string, data: unknown): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#over) throw new IPCError('ERR_IPC_CLOSED', 'The server stops.');
      if (type.includes('\0'))
        throw new IPCError('ERR_IPC_ARGUMENT', 'A type with a NUL character fits in no variable.');
      const child = spawn(this.#command, {
        shell: true,
        stdio: ['pipe', 'pipe', 'inherit'],
        detached: !windows,
        env: { ...process.env, OMNI_IPC_TYPE: type },
      });
      this.#running.add(child);
      const chunks: Buffer[] = [];
      let size = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MOST_OUTPUT) kill(child);
        else chunks.push(chunk);
      });
      child.stdin.on('error', () => {}); // a command need not read
      child.stdin.end(`${toJson(data)}\n`);
      child.on('error', reject);
      child.on('close', (code, signal) => {
        this.#running.delete(child);
        if (code === 0) resolve(Buffer.concat(chunks).toString().trim());
        else
          reject(new IPCError('ERR_IPC_REMOTE', `The command ended with ${signal ?? `exit code ${code}`}.`));
      });
    });
  }
}

function kill(child: ChildProcess): void {
  try {
    if (windows || child.pid === undefined) child.kill();
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has ended already.
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
