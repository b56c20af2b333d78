import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../exit.js';
import { Wire } from './wire.js';

/** The role of the program under test. We connect to a server; a client connects to us. */
export type Role = 'server' | 'client';

/** The program under test, as a source of connections. */
export interface Target {
  readonly role: Role;
  /** Opens a new connection; undefined if that takes longer than the timeout. */
  connect(timeout: number): Promise<Wire | undefined>;
  /** Why no connection is possible: the program has exited. Otherwise undefined. */
  readonly over: string | undefined;
  /** Restarts a program that has exited. */
  restart(): void;
  close(): Promise<void>;
}

/** The delay between two attempts to connect, in milliseconds. */
const AGAIN = 20;
/** How long a program may take to exit by itself, in milliseconds. */
const GRACE = 2000;
/** How much of a program's latest output is kept and shown, in characters. */
const LAST_WORDS = 4000;
const LONGEST_WORDS = 160;

/**
 * Parses an address for `net.connect`.
 * @throws UsageError
 */
export function parseAddress(address: string): NetConnectOpts {
  const path = /^unix:(?:\/\/)?(.+)$/.exec(address)?.[1] ?? (/^[/\\.]/.test(address) ? address : undefined);
  if (path !== undefined) return { path };
  const found = /^(?:tcp:\/\/)?(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})\/?$/.exec(address);
  if (found === null || Number(found[3]) > 65_535) {
    throw new UsageError(
      `${JSON.stringify(address)} is not an address; give unix:/tmp/app.world or tcp://host:port.`,
    );
  }
  return { host: (found[1] ?? found[2]) as string, port: Number(found[3]) };
}

/** A server that is already running. */
export class RunningServer implements Target {
  readonly role = 'server';
  readonly over = undefined;
  readonly #options: NetConnectOpts;

  /** @throws UsageError */
  constructor(address: string) {
    this.#options = parseAddress(address);
  }

  connect(timeout: number): Promise<Wire | undefined> {
    return dial(this.#options, timeout, () => false);
  }

  restart(): void {}

  async close(): Promise<void> {}
}

/** Where the program and we connect to each other. */
interface Place {
  readonly address: string;
  readonly options: NetConnectOpts;
  remove(): void;
}

/** A command that we start, and tell its role and the address. */
export class Program implements Target {
  readonly role: Role;
  readonly #place: Place;
  readonly #server: Server | undefined;
  readonly #command: readonly string[];
  readonly #arrived: Socket[] = [];
  #arrival: (() => void) | undefined;
  #program: ChildProcess | undefined;
  #words = '';
  #exit: string | undefined;

  private constructor(role: Role, command: readonly string[], place: Place, server?: Server) {
    this.role = role;
    this.#command = command;
    this.#place = place;
    this.#server = server;
    server?.on('connection', (socket: Socket) => {
      // Paused, so that no data is lost before somebody reads it.
      socket.pause();
      this.#arrived.push(socket);
      this.#arrival?.();
    });
  }

  /**
   * Starts a command. It learns its role and address from `{role}` and `{address}` in the command line, and from the
   * environment variables OMNI_IPC_ROLE and OMNI_IPC_ADDRESS.
   */
  static async start(role: Role, command: readonly string[], tcp: boolean): Promise<Program> {
    const { place, server } = await meet(role, tcp);
    const target = new Program(role, command, place, server);
    target.restart();
    return target;
  }

  get over(): string | undefined {
    return this.#exit;
  }

  connect(timeout: number): Promise<Wire | undefined> {
    if (this.#server === undefined) {
      return dial(this.#place.options, timeout, () => this.#exit !== undefined);
    }
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        this.#arrival = undefined;
        const socket = this.#arrived.shift();
        resolve(socket === undefined ? undefined : new Wire(socket));
      };
      const timer = setTimeout(settle, timeout);
      this.#arrival = settle;
      if (this.#arrived.length > 0 || this.#exit !== undefined) settle();
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#arrived) socket.destroy();
    const closed = new Promise<void>((resolve) => {
      if (this.#server === undefined) resolve();
      else this.#server.close(() => resolve());
    });
    await this.#stop();
    await closed;
    this.#place.remove();
  }

  restart(): void {
    this.#exit = undefined;
    this.#words = '';
    this.#arrived.length = 0;
    const { address } = this.#place;
    const fill = (text: string) => text.replaceAll('{role}', this.role).replaceAll('{address}', address);
    const [file = '', ...args] = this.#command.map(fill);
    const program = spawn(file, args, {
      env: { ...process.env, OMNI_IPC_ROLE: this.role, OMNI_IPC_ADDRESS: address },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#program = program;
    const hear = (chunk: Buffer) => {
      this.#words = (this.#words + chunk.toString()).slice(-LAST_WORDS);
    };
    program.stdout.on('data', hear);
    program.stderr.on('data', hear);
    program.once('error', (error) => this.#ended(program, `it cannot be started: ${error.message}`));
    program.once('close', (code, signal) =>
      this.#ended(program, `it ended (${signal ?? `exit code ${code}`})`),
    );
  }

  #ended(program: ChildProcess, why: string): void {
    if (program !== this.#program) return;
    const words = lastWords(this.#words);
    this.#exit ??= words === '' ? why : `${why}: ${words}`;
    this.#arrival?.();
  }

  async #stop(): Promise<void> {
    const program = this.#program;
    if (program?.pid === undefined || this.#exit !== undefined) return;
    const ended = new Promise<void>((resolve) => {
      program.once('close', () => resolve());
    });
    program.kill('SIGTERM');
    const timer = setTimeout(() => program.kill('SIGKILL'), GRACE);
    await ended;
    clearTimeout(timer);
  }
}

/** The line of a program's output that most likely explains why it exited, without escape sequences. */
function lastWords(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const line =
    lines.findLast((one) => /error|exception|panic/i.test(one)) ?? lines.findLast((one) => one !== '');
  return JSON.stringify(line ?? '')
    .slice(1, -1)
    .slice(0, LONGEST_WORDS);
}

/** Chooses an address; if the program is the client, listens there. */
async function meet(role: Role, tcp: boolean): Promise<{ place: Place; server: Server | undefined }> {
  const server = createServer();
  if (tcp || process.platform === 'win32') {
    await listening(server, { host: '127.0.0.1', port: 0 });
    const { port } = server.address() as { port: number };
    const options = { host: '127.0.0.1', port };
    const place = { address: `tcp://127.0.0.1:${port}`, options, remove: () => {} };
    if (role === 'client') return { place, server };
    await new Promise((resolve) => server.close(resolve));
    return { place, server: undefined };
  }
  const directory = mkdtempSync(join(tmpdir(), 'conform-'));
  const path = join(directory, 's');
  const remove = () => rmSync(directory, { recursive: true, force: true });
  const place = { address: `unix:${path}`, options: { path }, remove };
  if (role === 'server') return { place, server: undefined };
  await listening(server, { path });
  return { place, server };
}

function listening(server: Server, options: { path?: string; host?: string; port?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, resolve);
  });
}

/** Tries to connect until it succeeds. */
async function dial(
  options: NetConnectOpts,
  timeout: number,
  over: () => boolean,
): Promise<Wire | undefined> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const socket = await dialOnce(options);
    if (socket !== undefined) return new Wire(socket);
    if (over() || performance.now() > deadline) return undefined;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

function dialOnce(options: NetConnectOpts): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(options);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}
