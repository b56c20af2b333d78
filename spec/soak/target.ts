import type { Client } from '../../lib/client.js';
import { platformPath } from '../../lib/transports/platform-path.js';
import { freshCertificates } from '../support/certificates.js';
import { freshIPC, type Settings } from '../support/instances.js';
import { freshDirectory } from '../support/places.js';
import { type Program, start } from '../support/processes.js';
import type { Memory } from './memory.js';
import { hold } from './promise.js';

/** The kinds of stream on which a target listens. */
export type Over = 'local' | 'tcp' | 'tls';

/** The settings of a target. */
export interface TargetOptions {
  path: string;
  port?: number | undefined;
  settings: Settings;
  /** The credentials that clients must send. */
  secret?: string | undefined;
  /** Whether it prints each number that it receives. */
  tells?: boolean | undefined;
  /** Whether it logs. It counts the characters. */
  logs?: boolean | undefined;
}

/** The state that a target reports. */
export interface Report extends Memory {
  connections: number;
  /** The number of errors, by code. */
  errors: Record<string, number>;
  injected: number;
  polluted: boolean;
  ranOnce: number;
  ranTwice: number;
  /** Since its start: the peak of resident memory in mebibytes, the processor time in milliseconds, and the characters of log. */
  peak: number;
  processor: number;
  logged: number;
}

/** A server in a separate process. */
export class Target {
  readonly over: Over;
  readonly path: string;
  port: number | undefined;
  readonly options: TargetOptions;
  readonly #ca: string | undefined;
  program: Program | undefined;

  constructor(over: Over, options: Partial<TargetOptions> = {}) {
    this.over = over;
    this.path = over === 'local' ? platformPath(options.path ?? `${freshDirectory()}/s`) : '127.0.0.1';
    this.port = over === 'local' ? undefined : 0;
    const settings: Settings = { ...options.settings };
    if (over === 'tls') {
      const { server, ca } = freshCertificates();
      this.#ca = ca;
      settings.tls = { private: server.key, public: server.cert };
    }
    this.options = { ...options, path: this.path, settings };
  }

  /** Starts it, also again after it was killed. */
  async start(limit?: string): Promise<this> {
    const args = JSON.stringify({ ...this.options, port: this.port });
    this.program = limit === undefined ? start(PROGRAM, [args]) : limited(limit, args);
    const [, port] = await this.program.waitForLine(/^ready (\d*)$/);
    if (port) this.port = Number(port);
    return this;
  }

  /** Returns a client of it. */
  connect(settings: Settings = {}, through?: string): Client {
    const tls = this.#ca === undefined ? false : { trustedConnections: this.#ca };
    const ipc = freshIPC({ tls, ...settings });
    if (through !== undefined) return ipc.connectTo('target', through);
    if (this.port === undefined) return ipc.connectTo('target', this.path);
    return ipc.connectToNet('target', this.path, this.port);
  }

  /** Asks it for its state through a client. */
  report(client: Client): Promise<Report> {
    this.stands();
    return client.request('report', undefined, { timeout: 30_000 }) as Promise<Report>;
  }

  /** Checks that its process has not ended. */
  stands(): void {
    const { exitCode, signalCode } = this.program?.process ?? {};
    const ended = exitCode !== null || signalCode !== null;
    hold(!ended, `the server's process ended (${exitCode ?? signalCode}): ${this.program?.stderr}`);
  }

  /** Ends it by SIGTERM, as an operator does. It must exit by itself, except on Windows, where SIGTERM ends any process. */
  async stop(): Promise<void> {
    const { code } = (await this.program?.kill('SIGTERM')) ?? { code: 0 };
    hold(
      code === 0 || process.platform === 'win32',
      `the server's process ended with ${code}: ${this.program?.stderr}`,
    );
  }
}

const PROGRAM = 'spec/soak/programs/target.ts';

/** Returns the command that runs the program under a `ulimit`. */
function limited(limit: string, args: string): Program {
  const program = new URL('programs/target.js', import.meta.url).pathname;
  const command = `ulimit ${limit}; exec "$0" "$1" "$2"`;
  return start('/bin/sh', ['-c', command, process.execPath, program, args]);
}
