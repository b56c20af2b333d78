import type { Config } from '../../entities/config.js';
import { codeOf, type IPCError } from '../../entities/errors.js';
import { Client } from '../../lib/client.js';
import type { Log } from '../../lib/log.js';
import { Server } from '../../lib/server.js';
import { answers } from '../../lib/transports/socket-file.js';
import type { Handles } from './handles.js';
import { Hub, type Wire } from './hub.js';
import type { Member } from './members.js';
import type { Rendezvous } from './rendezvous.js';

/** What a hub client tells, and asks, its membership. */
export interface HubClientEvents {
  /** This member as it is now, and the members it knows of. */
  member(): Member;
  known(): readonly Member[];
  /** Something the hub said. */
  received<Type extends keyof Wire>(type: Type, data: Wire[Type]): void;
  /** There is no hub any more. */
  lost(): void;
  /** Time goes by; not while there is no hub. */
  tick(): void;
  failed(error: IPCError): void;
}

/** How many ticks a hub may leave a ping unanswered. */
const MOST_MISSED = 3;
/** How soon the hub is tried again: at first as fast as a take-over goes, then patiently. */
const EAGER = { min: 1, max: 8 };
const PATIENT = { min: 50, max: 150 };
const EAGER_TRIES = 200;

/** How long a hub may take to confirm that a member leaves. */
const LEAVE_MS = 1000;

const RECEIVED = ['welcome', 'taken', 'joined', 'left', 'subscribed'] as const;

/** Looked up at each dial, as a hub that does not answer may lose its place. */
class HubAddress {
  readonly transport = 'unix';
  readonly #rendezvous: Rendezvous;

  constructor(rendezvous: Rendezvous) {
    this.#rendezvous = rendezvous;
  }

  get path(): string {
    return this.#rendezvous.hub;
  }
}

/**
 * A member's connection to the hub. Where there is none it becomes the hub itself, which of many that try only one can; one that does
 * not answer it replaces. The hub's own member goes the same way as the others.
 */
export class HubClient {
  readonly #rendezvous: Rendezvous;
  readonly #config: Config;
  readonly #log: Log;
  readonly #handles: Handles;
  readonly #events: HubClientEvents;
  readonly #client: Client<Wire>;
  readonly #timer: NodeJS.Timeout;
  #hub: Hub | undefined;
  #hosting: Promise<void> | undefined;
  #admitted = false;
  /** Whether a hub has ever let it in. */
  #known = false;
  #over = false;
  #closing: Promise<void> | undefined;
  /** The socket of the hub it is connected to. */
  #life: string | undefined;
  #awaiting = false;
  #missed = 0;
  #lastFault = '';

  /** @param heartbeat milliseconds between two ticks */
  constructor(
    rendezvous: Rendezvous,
    config: Config,
    log: Log,
    heartbeat: number,
    handles: Handles,
    events: HubClientEvents,
  ) {
    this.#rendezvous = rendezvous;
    this.#config = config;
    this.#log = log;
    this.#handles = handles;
    this.#events = events;
    this.#client = new Client<Wire>({
      id: 'hub',
      address: new HubAddress(rendezvous),
      config,
      log,
      internal: true,
    });
    this.#client.on('connect', () => this.#connected());
    this.#client.on('disconnect', () => this.#lost());
    this.#client.on('ipc:retry', (attempt) => this.#retry(attempt));
    for (const type of RECEIVED)
      this.#client.on(type, ((data: never) => this.#received(type, data)) as never);
    config.retry = EAGER;
    handles.add(this.#client).connect();
    this.#timer = handles.add(setInterval(() => this.#tick(), heartbeat));
  }

  /** Whether this member is the hub. */
  get hosts(): boolean {
    return this.#hub !== undefined;
  }

  /** Says something to the hub; false if there is none, and it was not said. */
  send<Type extends keyof Wire>(type: Type, data: Wire[Type]): boolean {
    return this.#admitted && this.#client.emit(type, data as never);
  }

  /** Introduces itself to the hub. */
  enter(): void {
    this.#client.emit('enter', { member: this.#events.member(), known: this.#events.known() });
  }

  /** Says good bye to a hub, this one or the next, and ends for good. */
  close(): Promise<void> {
    this.#closing ??= this.#close(this.#events.member().id);
    return this.#closing;
  }

  async #close(id: string): Promise<void> {
    await this.#leave(id);
    this.#over = true;
    clearInterval(this.#timer);
    const ended = new Promise<void>((resolve) => {
      this.#client.once('destroy', resolve);
    });
    this.#client.disconnect();
    await ended;
    await this.#hosting;
    await this.#hub?.stop();
  }

  /** Waits until a hub has told everybody. */
  async #leave(id: string): Promise<void> {
    if (!this.#known) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LEAVE_MS);
      this.#client.on('left', (left) => {
        if (left === id) resolve();
      });
      this.#client.on('welcome', () => this.send('leave', id));
      this.send('leave', id);
    });
    clearTimeout(timer);
  }

  #connected(): void {
    this.#life = this.#rendezvous.hubLife;
    this.#awaiting = false;
    this.#missed = 0;
    this.enter();
  }

  #received<Type extends keyof Wire>(type: Type, data: Wire[Type]): void {
    if (type === 'welcome') {
      this.#admitted = true;
      this.#known = true;
    }
    if (this.#admitted || type === 'taken') this.#events.received(type, data);
  }

  #lost(): void {
    const before = this.#admitted;
    this.#admitted = false;
    if (before && !this.#over) this.#events.lost();
  }

  #retry(attempt: number): void {
    this.#config.retry = attempt < EAGER_TRIES ? EAGER : PATIENT;
    if (this.#over || this.#hub !== undefined) return;
    this.#hosting ??= this.#host().finally(() => {
      this.#hosting = undefined;
    });
  }

  /** Tries to become the hub. */
  async #host(): Promise<void> {
    try {
      this.#rendezvous.secure();
      // Of many that try at once, those who come late need not wait for the lock to see that there is a hub.
      const path = this.#rendezvous.hub;
      if (await answers(path)) return;
      const server = new Server<Wire>({
        address: { transport: 'unix', path },
        config: this.#config,
        log: this.#log,
        internal: true,
      });
      await server.start();
      this.#hold(server);
      this.#hub = new Hub(server, this.#rendezvous, this.#events.member().number, this.#events.known());
      this.#lastFault = '';
    } catch (error) {
      if (codeOf(error) !== 'ERR_IPC_IN_USE') this.#fault(error as IPCError);
    }
  }

  /** The hub keeps the process running as long as its member does, and no longer. */
  #hold(server: Server<Wire>): void {
    this.#handles.add(server);
    server.on('connect', (socket) => void this.#handles.add(socket));
    server.on('disconnect', (socket) => this.#handles.remove(socket));
    server.on('close', () => this.#handles.remove(server));
  }

  /** What keeps failing for the same reason is told once. */
  #fault(error: IPCError): void {
    if (error.message === this.#lastFault) return;
    this.#lastFault = error.message;
    this.#events.failed(error);
  }

  #tick(): void {
    if (this.#hub?.reachable === false) this.#yield();
    if (!this.#client.connected) return;
    if (this.#awaiting) {
      this.#missed++;
      if (this.#missed >= MOST_MISSED) void this.#replace();
    } else void this.#ping();
    if (this.#admitted) this.#events.tick();
  }

  /** Ticks are counted and not time, so that a member which was itself stopped does not blame the hub. */
  async #ping(): Promise<void> {
    this.#awaiting = true;
    this.#missed = 0;
    try {
      await this.#client.ping({ timeout: 0 });
      this.#awaiting = false;
    } catch {
      // The connection is lost, and the next one begins anew.
    }
  }

  /** Another has taken this hub's place while it did not answer. */
  #yield(): void {
    const hub = this.#hub;
    this.#hub = undefined;
    void hub?.stop();
  }

  /** The hub does not answer: takes its place away, unless somebody has, and goes on as if it had ended. */
  async #replace(): Promise<void> {
    const { socket } = this.#client;
    this.#missed = 0;
    try {
      if (this.#life !== undefined) await this.#rendezvous.evictHub(this.#life);
    } catch (error) {
      this.#fault(error as IPCError);
    }
    if (socket !== false) socket.destroy();
  }
}
