import { type ChildProcess, type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CallContext, IPCError } from '../../index.js';
import { toJson } from '../json.js';

/** The limits of concurrent commands, of packets that wait for one, and of a command's output. */
const MOST_RUNNING = 4;
const MOST_WAITING = 1000;
const MOST_OUTPUT = 16 * 1024 * 1024;

const windows = process.platform === 'win32';

/**
 * Runs a shell command for each packet. The command gets the data on standard input and the type in OMNI_IPC_TYPE; neither
 * becomes part of the command line. A stream's response is the lines that the command prints, sent as they appear; the
 * items of the body follow the data, one per line.
 */
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

  /** @returns the command's output, as JSON if it parses, otherwise as text; undefined if there is none */
  async run(type: string, data: unknown): Promise<{ data: unknown } | undefined> {
    await this.#slot();
    try {
      const child = this.#spawn(type, data);
      child.stdin.end();
      const chunks: Buffer[] = [];
      let size = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MOST_OUTPUT) kill(child);
        else chunks.push(chunk);
      });
      await endOf(child);
      const text = Buffer.concat(chunks).toString().trim();
      return text === '' ? undefined : { data: parsed(text) };
    } catch (error) {
      this.#failed((error as Error).message);
      throw error;
    } finally {
      this.#free();
    }
  }

  /** The lines of the command's output, each as JSON if it parses, otherwise as text. Leaving the loop ends the command. */
  async *lines(type: string, data: unknown, { body, signal }: CallContext): AsyncGenerator<unknown> {
    await this.#slot();
    let child: ChildProcessByStdio<Writable, Readable, null> | undefined;
    const leave = () => child !== undefined && kill(child);
    try {
      if (signal.aborted) return;
      child = this.#spawn(type, data);
      signal.addEventListener('abort', leave);
      const end = endOf(child);
      end.catch(() => {});
      pipeline(json(body), child.stdin).catch(() => {}); // the command may exit without reading its input
      for await (const line of linesOf(child.stdout)) yield parsed(line);
      await end;
    } catch (error) {
      if (!signal.aborted) this.#failed((error as Error).message);
      throw error;
    } finally {
      signal.removeEventListener('abort', leave);
      leave();
      this.#free();
    }
  }

  /** Ends all running commands and their child processes. */
  end(): void {
    this.#over = true;
    for (const child of this.#running) kill(child);
    for (const next of this.#waiting.splice(0)) next();
  }

  async #slot(): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING)
      throw new IPCError('ERR_IPC_BACKPRESSURE', `${MOST_WAITING} packets wait for the command already.`);
    if (this.#slots > 0) this.#slots--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#slots++;
    else next();
  }

  /** Starts the command and writes the data to it. */
  #spawn(type: string, data: unknown): ChildProcessByStdio<Writable, Readable, null> {
    if (this.#over) throw new IPCError('ERR_IPC_CLOSED', 'The server stops.');
    if (type.includes('\0'))
      throw new IPCError(
        'ERR_IPC_ARGUMENT',
        'A type with a NUL character cannot be in an environment variable; choose another type.',
      );
    const child = spawn(this.#command, {
      shell: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: !windows,
      env: { ...process.env, OMNI_IPC_TYPE: type },
    });
    this.#running.add(child);
    child.on('close', () => this.#running.delete(child));
    child.stdin.on('error', () => {});
    child.stdin.write(`${toJson(data)}\n`);
    return child;
  }
}

/** Resolves when a command exits successfully. */
function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new IPCError('ERR_IPC_REMOTE', `The command ended with ${signal ?? `exit code ${code}`}.`));
    });
  });
}

/** Converts items to lines of JSON. */
async function* json(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const item of items) yield `${toJson(item)}\n`;
}

/** The lines of a command's output; the last one may have no line end. */
async function* linesOf(output: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const text of output.setEncoding('utf8')) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() as string;
    if (rest.length > MOST_OUTPUT)
      throw new IPCError(
        'ERR_IPC_TOO_LARGE',
        `The command printed a line of more than ${MOST_OUTPUT} characters.`,
      );
    yield* lines;
  }
  if (rest !== '') yield rest;
}

function kill(child: ChildProcess): void {
  try {
    if (child.pid === undefined) child.kill();
    else if (windows) killTree(child, child.pid);
    else process.kill(-child.pid, 'SIGTERM');
  } catch {
    // It has exited already.
  }
}

/** Ends a command and its child processes on Windows, which has no process groups: ending the shell alone leaves them. */
function killTree(child: ChildProcess, pid: number): void {
  execFile('taskkill', ['/pid', String(pid), '/t', '/f'], (error) => error && child.kill());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
