import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterwards } from './afterwards.js';
import { built, inProject, projectRoot } from './project.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A child process whose output is kept, as text and as lines. */
export class Program {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when the process has ended and all its output was read. Never rejects. */
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
    this.process.stdin.on('error', () => {}); // EPIPE, if it ends before it has read everything
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
   * Waits for a line, on stdout or stderr, that has already come or will come. Each line satisfies only one wait.
   * @param timeout in milliseconds, by default 60000
   * @returns the match of the line
   */
  waitForLine(wanted: RegExp, timeout = 60_000): Promise<RegExpMatchArray> {
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

  /** Ends the process, if it still runs, and waits for its end. */
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
 * Starts a program of the project, and kills it afterwards if it still runs.
 * @param file a path in the project: a fixture (`spec/fixtures/echo.ts`, of which the compiled file runs), an example
 * (`example/tcp/server.js`), or an absolute path; a file that is not JavaScript is executed itself
 * @param env variables in addition to those of this process
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
 * The environment of a program whose coverage must not count: c8 would merge the coverage of dist/ with that of .build/.
 * The value must be empty, because Node passes its own variable on if it is missing.
 */
export function withoutCoverage(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_V8_COVERAGE: '' };
}

function resolve(file: string): string {
  if (isAbsolute(file)) return file;
  return file.endsWith('.ts') ? join(built, file.replace(/\.ts$/, '.js')) : inProject(file);
}
