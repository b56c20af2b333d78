import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { loadPackage } from '../../lib/codecs/optional-packages.js';
import { Channel, type ChannelOptions, type NatsOptions } from '../../services/channel/index.js';
import type { NatsConnection } from '../../services/channel/nats-client.js';
import { afterwards } from './afterwards.js';
import { HEARTBEAT } from './channels.js';
import { freePort } from './network.js';
import { freshDirectory } from './places.js';

/** The reason to skip specs that need a NATS server, or undefined. */
export const withoutNats =
  spawnSync('nats-server', ['--version']).status === 0
    ? undefined
    : 'There is no nats-server here: apt-get install nats-server';

/** A separate NATS server with an empty store, on a free port. */
export class NatsServer {
  readonly #store = freshDirectory();
  readonly #host: string;
  readonly #port: number;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(host: string, port: number, options: readonly string[]) {
    this.#host = host;
    this.#port = port;
    this.#options = options;
  }

  /** Starts a server, which is killed after the spec. */
  static async start(...options: string[]): Promise<NatsServer> {
    const server = new NatsServer('127.0.0.1', await freePort(), options);
    afterwards(() => server.kill());
    await server.again();
    return server;
  }

  get url(): string {
    return `nats://${this.#host}:${this.#port}`;
  }

  get #pid(): number {
    return this.#process?.pid as number;
  }

  /** Starts it again at the same address. Resolves when it is ready. */
  async again(): Promise<void> {
    const address = ['-a', this.#host, '-p', String(this.#port)];
    const child = spawn('nats-server', ['-js', '-sd', this.#store, ...address, ...this.#options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr?.on('data', (text: Buffer) => {
        said += text;
        if (said.includes('Server is ready')) resolve();
      });
      child.once('exit', () => reject(new Error(`nats-server ended: ${said}`)));
    });
  }

  /** Stops it until `resume()`. Resolves when each of its threads has stopped, which takes time on a busy machine. */
  async suspend(): Promise<void> {
    process.kill(this.#pid, 'SIGSTOP');
    const tasks = `/proc/${this.#pid}/task`;
    const runs = (task: string) => !/\) [Tt] /.test(readFileSync(`${tasks}/${task}/stat`, 'utf8'));
    while (existsSync(tasks) && readdirSync(tasks).some(runs)) await setImmediate();
  }

  resume(): void {
    process.kill(this.#pid, 'SIGCONT');
  }

  /** Deletes its store while it does not run. */
  empty(): void {
    rmSync(this.#store, { recursive: true, force: true });
    mkdirSync(this.#store);
  }

  /** Ends it. Resolves when its process has ended. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise((resolve) => {
      child.once('exit', resolve);
      child.kill(signal);
    });
  }
}

/** Returns a channel over NATS in this process, which is closed afterwards. */
export function natsChannel(server: { readonly url: string }, options: ChannelOptions = {}): Channel {
  const nats = { servers: server.url, reconnectTimeWait: 50, ...options.nats };
  const channel = new Channel({ name: 'peers', heartbeat: HEARTBEAT, ...options, nats });
  afterwards(() => channel.close({ timeout: 0 }));
  return channel;
}

/** Returns an ordinary connection to NATS. */
export async function bareNats(
  server: { readonly url: string },
  options: NatsOptions = {},
): Promise<NatsConnection> {
  const { connect } = loadPackage<{ connect(options: NatsOptions): Promise<NatsConnection> }>(
    '@nats-io/transport-node',
    'a spec',
  );
  const connection = await connect({ servers: server.url, ...options });
  afterwards(() => connection.close());
  return connection;
}
