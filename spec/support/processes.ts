import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterwards } from './afterwards.js';
import { built, inProject, projectRoot } from './project.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A child process whose output is kept, whole and line by line. */
export class Program {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Settles when the process is gone and all its output has been read. Never rejects. */
  readonly exited: Promise<Exit>;
  stdout = '';
  stderr = '';
  #gone = false;
  #unclaimed: string[] = [];
  #look = new Set<() => void>();

  constructor(
    command: string,
    args: string[],
    options: { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number },
  ) {
    this.process = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stdin.on('error', () => {}); // EPIPE, when it ends before it has read all
    this.#read(this.process.stdout, (text) => {
      this.stdout += text;
    });
    this.#read(this.process.stderr, (text) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve) => {
      this.process.once('error', (error) => {
        this.stderr += error.message;
      });
      this.process.once('close', (code, signal) => {
        this.#gone = true;
        resolve({ code, signal });
        for (const look of this.#look) look();
      });
    });
  }

  /**
   * Waits for a line, on stdout or stderr, that has come already or is still to come. Each line answers one
   * wait only.
   * @param timeout milliseconds, 30000 by default
   * @returns the line's match
   */
  waitForLine(wanted: RegExp, timeout = 30_000): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#look.delete(look);
        act();
      };
      const fail = (why: string) =>
        settle(() => reject(new Error(`No line ${wanted} ${why}\n${this.stdout}${this.stderr}`)));
      const look = () => {
        const found = this.#claim(wanted);
        if (found) settle(() => resolve(found));
        else if (this.#gone) fail('before the process ended');
      };
      const timer = setTimeout(() => fail(`within ${timeout} ms`), timeout).unref();
      this.#look.add(look);
      look();
    });
  }

  /** Ends the process, if it is still there, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.process.kill(signal);
    return this.exited;
  }

  #claim(wanted: RegExp): RegExpMatchArray | undefined {
    for (const [index, line] of this.#unclaimed.entries()) {
      const found = line.match(wanted);
      if (!found) continue;
      this.#unclaimed.splice(index, 1);
      return found;
    }
    return undefined;
  }

  #read(stream: Readable, keep: (text: string) => void): void {
    let begun = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      keep(text);
      const lines = (begun + text).split(/\r?\n/);
      begun = lines.pop() ?? '';
      this.#unclaimed.push(...lines);
      for (const look of this.#look) look();
    });
    stream.on('end', () => {
      if (begun) this.#unclaimed.push(begun);
    });
  }
}

/**
 * Starts a program of the project, and kills it afterwards if it is still there.
 * @param file a path in the project: a fixture (`spec/fixtures/echo.ts`, run as compiled), an example
 * (`example/tcp/server.js`), or an absolute path; what is not JavaScript is run as it is
 * @param env added to this process's own
 */
export function start(file: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Program {
  const path = resolve(file);
  const script = /\.[cm]?js$/.test(path);
  const command = script ? process.execPath : path;
  const program = new Program(command, script ? ['--enable-source-maps', path, ...args] : args, {
    cwd: projectRoot,
    env: { ...(path.startsWith(built) ? process.env : withoutCoverage()), ...env },
  });
  afterwards(() => program.kill());
  return program;
}

/**
 * The environment for a program whose coverage is not ours: dist/ would be counted beside .build/, and
 * wrongly merged. It takes an empty value; where the variable is missing, node passes its own one on.
 */
export function withoutCoverage(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_V8_COVERAGE: '' };
}

function resolve(file: string): string {
  if (isAbsolute(file)) return file;
  return file.endsWith('.ts') ? join(built, file.replace(/\.ts$/, '.js')) : inProject(file);
}
