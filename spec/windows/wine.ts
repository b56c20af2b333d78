import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../support/project.js';
import { CannotRun } from './cannot-run.js';

/** Milliseconds between two looks at what a program has printed. */
const LOOK_MS = 200;

/** Makes sure that there is Wine, where it may be installed. Gives the reason where there is none. */
export function withoutWine(): string | undefined {
  if (process.platform === 'win32') return 'this is Windows already; npm test runs the specs here';
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it needs Wine on Linux for x64';
  if (isThere('wine')) return undefined;
  const install = 'apt-get install wine wine64';
  if (!existsSync('/etc/debian_version') || !isThere('apt-get'))
    return 'there is no Wine; install the package wine of this system';
  if (process.getuid?.() !== 0) return `there is no Wine; as root: ${install}`;
  console.log(`Installing Wine (${install}) ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'wine', 'wine64']]) {
    const { status, stderr } = spawnSync('apt-get', ['--quiet', '--quiet', ...args], {
      env,
      encoding: 'utf8',
    });
    if (status !== 0) return `Wine cannot be installed: ${stderr.trim().split('\n').at(-1)}`;
  }
  return isThere('wine') ? undefined : `there is no Wine after ${install}`;
}

function isThere(command: string): boolean {
  return spawnSync(command, ['--version']).status === 0;
}

/** A Windows of its own in a temporary directory. */
export class Wine {
  readonly #prefix = mkdtempSync(join(tmpdir(), 'oi-wine-'));
  readonly #env: NodeJS.ProcessEnv;
  /** Leads the group of all processes that belong to what runs. */
  #running: ChildProcess | undefined;

  constructor() {
    const { PATH, HOME, USER, CI } = process.env;
    this.#env = {
      ...{ PATH, HOME, USER, CI, LANG: 'C.UTF-8', NO_COLOR: '1' },
      WINEPREFIX: join(this.#prefix, 'prefix'),
      WINEDEBUG: '-all',
      // Neither a menu of programs nor the installers of .NET and a browser are wanted.
      WINEDLLOVERRIDES: 'winemenubuilder.exe=;mscoree=;mshtml=',
    };
    try {
      this.#tool('wineboot', '--init');
      this.#tool('winecfg', '-v', 'win10'); // Node refuses older ones
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /**
   * Runs a program, and prints what it prints.
   * @param minutes until it is ended
   * @returns its exit code, and what it has printed on both outputs
   */
  async run(
    program: string,
    args: readonly string[],
    minutes: number,
  ): Promise<{ code: number; output: string }> {
    // Programs for Windows can write to a file here, and not to a pipe of Linux.
    const file = join(this.#prefix, 'output');
    const out = openSync(file, 'w');
    const child = spawn('wine', [program, ...args], {
      cwd: projectRoot,
      env: this.#env,
      stdio: ['ignore', out, out],
      detached: true,
    });
    this.#running = child;
    const reader = new Tail(file);
    const printing = setInterval(() => reader.print(), LOOK_MS);
    const limit = setTimeout(() => {
      console.log(`\nIt did not end within ${minutes} minutes.`);
      this.stop();
    }, minutes * 60_000);
    const [code] = await once(child, 'close');
    this.#running = undefined;
    clearTimeout(limit);
    clearInterval(printing);
    closeSync(out);
    reader.end();
    return { code: code ?? 1, output: reader.text };
  }

  /** Ends all programs that run in it. */
  stop(): void {
    spawnSync('wineserver', ['--kill'], { env: this.#env });
    // It does not know a process whose first thread has ended while others hang.
    if (this.#running?.pid !== undefined) endGroup(this.#running.pid);
    spawnSync('wineserver', ['--wait'], { env: this.#env });
  }

  remove(): void {
    this.stop();
    rmSync(this.#prefix, { recursive: true, force: true, maxRetries: 5 });
  }

  #tool(...args: string[]): void {
    const { status, error } = spawnSync('wine', args, { env: this.#env, stdio: 'ignore', timeout: 180_000 });
    if (status !== 0)
      throw new CannotRun(`wine ${args.join(' ')} failed: ${error?.message ?? `exit code ${status}`}`);
  }
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Prints what is added to a file. */
class Tail {
  text = '';
  readonly #file: number;
  readonly #path: string;
  readonly #decoder = new TextDecoder();
  #at = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'r');
  }

  print(): void {
    const bytes = Buffer.alloc(statSync(this.#path).size - this.#at);
    const read = readSync(this.#file, bytes, 0, bytes.length, this.#at);
    this.#at += read;
    const text = this.#decoder.decode(bytes.subarray(0, read), { stream: true });
    this.text += text;
    process.stdout.write(text);
  }

  end(): void {
    this.print();
    closeSync(this.#file);
  }
}
