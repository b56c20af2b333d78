import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { UnixAddress } from '../../entities/address.js';
import { codeOf, messageOf } from '../../entities/errors.js';
import { fs, nodeCrypto } from '../lazy-modules.js';
import { type Bound, bindFile, publish, sharesSocket } from './bind-file.js';
import { listenFailure } from './failure.js';
import { closed } from './listener.js';
import { ownDirectory, removeEmpty } from './own-directory.js';
import { identify } from './socket-file.js';
import type { ListenEvents, Listener, ListenOptions } from './transport.js';

/** How often a server checks that its path still leads to its socket, in milliseconds. */
const LOOK_MS = 2000;

/**
 * How often, and at which interval in milliseconds, the last worker of a cluster checks whether the primary has closed the
 * socket.
 */
const CLOSING_TRIES = 5;
const CLOSING_MS = 20;

/**
 * A server on a socket file. Programs that clean up /tmp delete such files. The server then listens again on a new file at
 * the same path, and its connections continue. It never takes the path from another server.
 */
export class FileListener implements Listener {
  server: Server;
  readonly port = undefined;
  readonly #address: UnixAddress;
  readonly #path: string;
  readonly #options: ListenOptions;
  readonly #events: ListenEvents;
  #bound: Bound | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The file of another server at the path that was already reported. */
  #seen: string | undefined;
  /** The error of the last check. */
  #fault: string | undefined;
  #looking = false;
  #closed = false;
  #refed = true;

  constructor(address: UnixAddress, options: ListenOptions, events: ListenEvents) {
    this.#address = address;
    this.#path = address.path;
    this.#options = options;
    this.#events = events;
    this.server = this.#create();
  }

  /** Starts to listen; rejects with the system's error. */
  async open(): Promise<this> {
    this.#bound = await bindFile(this.server, this.#path, this.#options);
    this.#serve(this.server);
    this.#timer = setInterval(() => void this.#look(), LOOK_MS).unref();
    return this;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#release();
  }

  ref(): void {
    this.#refed = true;
    this.server.ref();
  }

  unref(): void {
    this.#refed = false;
    this.server.unref();
  }

  #create(): Server {
    const server = createServer({ ...this.#options.serverOptions }, (socket) => this.#events.socket(socket));
    return server;
  }

  #serve(server: Server): void {
    server.on('error', (error) => this.#events.error(error));
    // Node reports the name that the socket was bound to, which may be a private one.
    server.address = () => (server.listening ? this.#path : null);
    if (!this.#refed) server.unref();
    this.server = server;
  }

  /** Checks that the path still leads to this server, and listens again if it does not. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const there = identify(this.#path);
      if (there === undefined || (there.file !== this.#bound?.file.file && there.life !== this.#seen)) {
        this.#seen = there?.life;
        await this.#listenAgain();
        this.#fault = undefined;
      }
    } catch (error) {
      const fault = messageOf(error);
      if (!this.#closed && fault !== this.#fault) this.#events.error(listenFailure(error, this.#address));
      this.#fault = fault;
    } finally {
      this.#looking = false;
    }
  }

  /** Binds a new server first and closes the old one last, so that one remains if this fails. */
  async #listenAgain(): Promise<void> {
    const server = this.#create();
    // Never removes the socket of a living server that has taken the path, even if `unlink` is 'force'.
    const options = { ...this.#options, unlink: this.#options.unlink !== false };
    const bound = await bindFile(server, this.#path, options);
    const old = { server: this.server, bound: this.#bound };
    this.#bound = bound;
    this.#serve(server);
    if (old.bound?.name === this.#path) void closeSparing(old.server, this.#path, old.bound);
    else old.server.close();
    if (this.#closed) await this.#release();
    else this.#events.relisten?.();
  }

  /** Closes the server. Removes its file if it is still this server's and no other worker of the cluster listens on it. */
  async #release(): Promise<void> {
    const bound = this.#bound as Bound;
    if (bound.name === this.#path) return closeSparing(this.server, this.#path, bound);
    await closed(this.server);
    if (sharesSocket(this.#options)) {
      for (let tries = 0; identify(bound.name) !== undefined; tries++) {
        if (tries === CLOSING_TRIES) return;
        await wait(CLOSING_MS);
      }
    }
    try {
      if (identify(this.#path)?.file === bound.file.file) fs.unlinkSync(this.#path);
    } catch {
      // A file that cannot be removed stays; the next server reclaims it.
    }
    removeEmpty(ownDirectory(dirname(this.#path)));
  }
}

/**
 * Closes a server. Node then unlinks whatever file is at the bound path; a file of another process is moved aside and
 * restored.
 */
function closeSparing(server: Server, path: string, own: Bound): Promise<void> {
  const aside = `${path}.${nodeCrypto().randomBytes(4).toString('hex')}`;
  let spared = false;
  try {
    const there = identify(path);
    if (there !== undefined && there.file !== own.file.file) {
      publish(path, aside);
      spared = true;
    }
  } catch {
    // A file that cannot be examined or moved cannot be removed, either.
  }
  const done = closed(server);
  if (spared) restore(aside, path);
  return done;
}

/** Restores the file, unless the path has been taken in the meantime. */
function restore(aside: string, path: string): void {
  try {
    publish(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  fs.rmSync(aside, { force: true });
}
