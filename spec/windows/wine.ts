import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../support/project.js';
import { CannotRun } from './cannot-run.js';

/** The interval in milliseconds at which the output of a program is read. */
const LOOK_MS = 200;

/** Installs Wine if it is missing and may be installed. Returns the reason if there is no Wine. */
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

/** A separate Windows in a temporary directory. */
export class Wine {
  readonly #prefix = mkdtempSync(join(tmpdir(), 'oi-wine-'));
  readonly #env: NodeJS.ProcessEnv;
  /** The leader of the group of all processes of the running program. */
  #running: ChildProcess | undefined;

  constructor() {
    const { PATH, HOME, USER, CI } = process.env;
    this.#env = {
      ...{ PATH, HOME, USER, CI, LANG: 'C.UTF-8', NO_COLOR: '1' },
      WINEPREFIX: join(this.#prefix, 'prefix'),
      WINEDEBUG: '-all',
      // Turns off the program menu and the installers of .NET and a browser.
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
   * Runs a program, and prints its output.
   * @param minutes the time after which it is killed
   * @returns its exit code, which is 1 if it was killed, and its output from both streams
   */
  async run(
    program: string,
    args: readonly string[],
    minutes: number,
  ): Promise<{ code: number; output: string }> {
    // Programs for Windows can write to a file of Linux, but not to a pipe.
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
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      console.log(`\nThe program did not end within ${minutes} minutes.`);
      this.stop();
    }, minutes * 60_000);
    const [code] = await once(child, 'close');
    this.#running = undefined;
    clearTimeout(limit);
    clearInterval(printing);
    closeSync(out);
    reader.end();
    // Wine reports a program that was killed as one that succeeded.
    return { code: late ? 1 : (code ?? 1), output: reader.text };
  }

  /** Ends all programs that run in it. */
  stop(): void {
    spawnSync('wineserver', ['--kill'], { env: this.#env });
    // Wine's own tool does not find a process whose first thread has ended while others hang.
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

/** Prints the text that is appended to a file. */
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
