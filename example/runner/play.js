// @ts-check
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { compileC, compileTypeScript } from './build.js';
import { startNats } from './nats.js';

/** @typedef {import('../examples.js').Example} Example */
/** @typedef {import('../examples.js').Program} Program */
/** @typedef {(who: string, line: string) => void} Write */

const windows = process.platform === 'win32';

/** A server says so when clients may come, and on which port where there is one. */
const LISTENING = /\blistens on (?:port (\d+)|\S)/;

/**
 * Runs an example: its server, then its clients, each in a process of its own, and all in places of their own. It is over
 * when all of them have ended.
 * @param {string} name
 * @param {Example} example
 * @param {object} options
 * @param {string} options.root the project's folder
 * @param {Write} options.write is given each line that a process prints
 * @param {NodeJS.ProcessEnv} [options.env] the processes' environment; this one's by default
 * @param {number} [options.patience] milliseconds until what still runs is killed; 20000 by default
 * @returns {Promise<number>} 0, or the exit code of one that went wrong
 */
export async function play(name, example, { root, write, env = process.env, patience = 20_000 }) {
  const { folder = name, server = ['server.js'], clients = [['client.js']], nats = false } = example;
  const stage = new Stage({ root, folder, write, env });
  const timer = setTimeout(() => {
    write('runner', `gives up after ${patience} ms`);
    stage.clear();
  }, patience);
  try {
    if (nats) await stage.startNats();
    const serving = stage.serve(server);
    await Promise.race([stage.listening, serving]);
    const nameOf = (/** @type {Program} */ [, ...args]) => (clients.length > 1 && args.join(' ')) || 'client';
    const codes = await Promise.all([
      serving,
      ...clients.map((client) => stage.start(nameOf(client), client)),
    ]);
    return codes.find((code) => code !== 0) ?? 0;
  } finally {
    clearTimeout(timer);
    stage.clear();
  }
}

/** Where an example runs: a directory for its sockets and programs, and the processes that are there. */
class Stage {
  #root;
  #folder;
  #write;
  #env;
  #directory = mkdtempSync(join(windows ? tmpdir() : '/tmp', 'example-'));
  /** @type {string | undefined} of the NATS server */
  #natsURL;
  /** Of the server: chosen by the system, known when it listens. */
  #port = '0';
  /** @type {Set<import('node:child_process').ChildProcess>} */
  #running = new Set();
  /** @type {() => void} */
  #listens = () => {};
  #onExit = () => this.clear();
  /** @type {Promise<void>} settles when the server listens */
  listening = new Promise((resolve) => {
    this.#listens = resolve;
  });

  /** @param {{ root: string, folder: string, write: Write, env: NodeJS.ProcessEnv }} options */
  constructor({ root, folder, write, env }) {
    this.#root = root;
    this.#folder = folder;
    this.#write = write;
    this.#env = env;
    process.once('exit', this.#onExit);
  }

  async startNats() {
    const { child, url } = startNats(join(this.#directory, 'nats'));
    this.#running.add(child);
    this.#natsURL = await url;
  }

  /** Starts the server. @param {Program} program */
  serve(program) {
    return this.start('server', program, (line) => {
      const found = line.match(LISTENING);
      if (!found) return;
      this.#port = found[1] ?? this.#port;
      this.#listens();
    });
  }

  /**
   * Starts a program.
   * @param {string} who what it is called in the output
   * @param {Program} program
   * @param {(line: string) => void} [hear] is given its lines
   * @returns {Promise<number>} its exit code, when it has ended
   */
  start(who, program, hear) {
    const [command = '', ...args] = this.#command(program);
    const env = {
      ...this.#env,
      EXAMPLE_ROOT: this.#socketRoot,
      EXAMPLE_PORT: this.#port,
      XDG_RUNTIME_DIR: this.#directory, // where channels meet
      ...(this.#natsURL === undefined ? {} : { NATS_URL: this.#natsURL }),
    };
    const child = spawn(command, args, { cwd: this.#root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.add(child);
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        this.#write(who, line);
        hear?.(line);
      });
    }
    child.once('error', (error) => this.#write(who, error.message));
    return new Promise((resolve) => {
      child.once('close', (code) => {
        this.#running.delete(child);
        resolve(code ?? 1);
      });
    });
  }

  /** Ends what runs, and takes the directory away. */
  clear() {
    process.off('exit', this.#onExit);
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** On Windows a pipe's name is made of it, and knows no drives. */
  get #socketRoot() {
    return windows ? `/${basename(this.#directory)}/` : `${this.#directory}/`;
  }

  /**
   * @param {Program} program
   * @returns {string[]}
   */
  #command([file, ...args]) {
    const path = join(this.#root, 'example', this.#folder, file);
    if (file.endsWith('.c')) {
      const where = args.includes('tcp') ? this.#port : `${this.#socketRoot}app.world`;
      return [compileC(path, this.#directory), ...args, where];
    }
    const script = file.endsWith('.ts') ? compileTypeScript(path, this.#root) : path;
    const place = pathToFileURL(join(this.#root, 'example/runner/place.js')).href;
    return [process.execPath, '--import', place, script, ...args];
  }
}
