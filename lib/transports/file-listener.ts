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

/** How often a server looks whether its path still leads to it, in milliseconds. */
const LOOK_MS = 2000;

/** How often, and how far apart in milliseconds, the last worker of a cluster looks whether the primary has closed. */
const CLOSING_TRIES = 5;
const CLOSING_MS = 20;

/**
 * A server whose path is a file. Programs that sweep /tmp delete such files; then it listens again, on a new file at the same
 * path, while its connections live on. It never takes the path from another server.
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
  /** The file of another at the path that has been reported. */
  #seen: string | undefined;
  /** What was wrong when it looked last. */
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

  /** Listens; rejects with the system's error. */
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
    // Node tells the name that the system knows, which may be a private one.
    server.address = () => (server.listening ? this.#path : null);
    if (!this.#refed) server.unref();
    this.server = server;
  }

  /** Looks whether the path still leads here, and listens again where it does not. */
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

  /** The old server is closed last, so that there is one however this ends. */
  async #listenAgain(): Promise<void> {
    const server = this.#create();
    // Whoever listens there meanwhile is left alone, under 'force' too.
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

  /** Closes a server, and removes its file where that is still its own and no other worker of the cluster listens on it. */
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
      // What may not be removed stays, for the next server to reclaim.
    }
    removeEmpty(ownDirectory(dirname(this.#path)));
  }
}

/** Closes a server, which removes whatever is at the path that it was bound to; what another has put there stays. */
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
    // What may not be seen or moved may not be removed either.
  }
  const done = closed(server);
  if (spared) restore(aside, path);
  return done;
}

/** Puts a file back, unless somebody has taken its place meanwhile. */
function restore(aside: string, path: string): void {
  try {
    publish(aside, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  fs.rmSync(aside, { force: true });
}
