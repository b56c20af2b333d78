import type { Config } from '../../entities/config.js';
import { codeOf, IPCError } from '../../entities/errors.js';
import { Client } from '../../lib/client.js';
import type { Deadline } from '../../lib/deadline.js';
import type { Log } from '../../lib/log.js';
import { ReportLimit } from '../../lib/report-limit.js';
import { Server } from '../../lib/server.js';
import { isLocked } from '../../lib/transports/lock.js';
import { answers } from '../../lib/transports/socket-file.js';
import type { Handles } from './handles.js';
import { hangUp } from './hang-up.js';
import { Hub } from './hub.js';
import { type HubContract, isWire, type Wire } from './hub-wire.js';
import type { Member } from './members.js';
import type { Rendezvous } from './rendezvous.js';

/** What a hub client needs. */
export interface HubClientOptions {
  readonly rendezvous: Rendezvous;
  readonly config: Config;
  readonly log: Log;
  /** Milliseconds between two heartbeats. */
  readonly heartbeat: number;
  readonly handles: Handles;
}

/** How a hub client reports to its membership, and asks it. */
export interface HubClientEvents {
  /** The current description of this member, and the members that it knows. */
  member(): Member;
  known(): readonly Member[];
  /** A packet arrived from the hub. */
  received<Type extends keyof Wire>(type: Type, data: Wire[Type]): void;
  /** The connection to the hub was lost. */
  lost(): void;
  /** Called once per heartbeat while the hub is connected. */
  tick(): void;
  failed(error: IPCError): void;
}

/**
 * How many heartbeats a hub may leave a ping unanswered before it is replaced. The number doubles each time that a hub was
 * lost within its first heartbeats, up to a limit: the members that all come to a new hub may keep it busy, and would do so
 * with the next one.
 */
const PATIENCE = { min: 3, max: 24 };
/** Beyond this number of members, the patience with a hub grows in proportion to it. */
const MANY = 16;
const FIRST_HEARTBEATS = 20;
/** From how many heartbeats after the last one a heartbeat is late; a late one does not count as missed by the hub. */
const LATE = 1.5;
/** The delays between attempts to reach the hub, in milliseconds: short at first, as a new hub takes over fast, later longer. */
const EAGER = { min: 1, max: 8 };
const PATIENT = { min: 50, max: 150 };
/** How long the delays stay short, in milliseconds. */
const EAGER_MS = 900;
/**
 * Beyond this number of members, the delays grow in proportion to it, so that the attempts of all together leave the next hub
 * enough processor time.
 */
const FEW = 8;
/** How many attempts to become the hub a member skips because another member, which may be stuck, is becoming it. */
const MOST_DEFERRED = 20;

/** The errors of a hub's server that say that a process sent invalid data. */
const INVALID = ['ERR_IPC_DECODE', 'ERR_IPC_PROTOCOL', 'ERR_IPC_TOO_DEEP', 'ERR_IPC_TOO_LARGE'];

const RECEIVED = ['welcome', 'taken', 'joined', 'left', 'subscribed'] as const;

/**
 * The address of the hub. It is resolved at each connection attempt, since a hub that does not respond may be replaced by
 * one at another address.
 */
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
 * A member's connection to the hub. If there is no hub, the member tries to become it; of several that try, only one can
 * succeed. A hub that does not respond is replaced. The member that hosts the hub connects to it like all others.
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
  /** Whether this member has ever been connected to a hub, and whether one has admitted it. */
  #met = false;
  #known = false;
  #over = false;
  #closing: Promise<void> | undefined;
  /** The identity of the socket of the connected hub. */
  #life: string | undefined;
  #awaiting = false;
  #missed = 0;
  #patience = PATIENCE.min;
  /** How many heartbeats there were since the last connection was made. */
  #beats = 0;
  readonly #heartbeat: number;
  /** When the last heartbeat was. */
  #beat = performance.now();
  #deferred = 0;
  #lastFault = '';
  readonly #invalid = new ReportLimit('the socket of the hub');

  constructor(options: HubClientOptions, events: HubClientEvents) {
    const { rendezvous, config, log, heartbeat, handles } = options;
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
      this.#client.on(type, ((data: unknown) => this.#received(type, data)) as never);
    config.retry = this.#pace(0);
    handles.add(this.#client).connect();
    this.#heartbeat = heartbeat;
    this.#timer = handles.add(setInterval(() => this.#tick(), heartbeat));
  }

  /** Whether this member hosts the hub. */
  get hosts(): boolean {
    return this.#hub !== undefined;
  }

  /** Sends a packet to the hub; returns false if there is no hub and it was not sent. */
  send<Type extends keyof Wire>(type: Type, data: Wire[Type]): boolean {
    return this.#admitted && this.#client.emit(type, data as never);
  }

  /** Introduces this member to the hub. */
  enter(): void {
    this.#client.emit('enter', { member: this.#events.member(), known: this.#events.known() });
  }

  /** Tells the hub, or the next one, that this member leaves, and closes for good, at the latest at `limit`. */
  close(limit: Deadline): Promise<void> {
    this.#closing ??= this.#close(this.#events.member().id, limit);
    return this.#closing;
  }

  async #close(id: string, limit: Deadline): Promise<void> {
    if (this.#known) await limit.settled(this.#told(id));
    this.#over = true;
    clearInterval(this.#timer);
    await hangUp(this.#client, limit);
    await this.#hosting;
    await this.#hub?.stop(limit.left);
  }

  /** Resolves when a hub has told all members that this one leaves. */
  #told(id: string): Promise<void> {
    return new Promise((resolve) => {
      this.#client.on('left', (left) => {
        if (left === id) resolve();
      });
      this.#client.on('welcome', () => this.send('leave', id));
      this.send('leave', id);
    });
  }

  #connected(): void {
    this.#life = this.#rendezvous.hubLife;
    this.#awaiting = false;
    this.#missed = 0;
    this.#deferred = 0;
    const early = this.#met && this.#beats < this.#patience + FIRST_HEARTBEATS;
    const least = Math.ceil(PATIENCE.min * Math.max(1, this.#crowd / MANY));
    this.#patience = Math.min(early ? Math.max(2 * this.#patience, least) : least, PATIENCE.max);
    this.#met = true;
    this.#beats = 0;
    this.enter();
  }

  #received(type: (typeof RECEIVED)[number], data: unknown): void {
    if (!isWire(type, data)) {
      this.#fault(invalid(type));
      return;
    }
    // Whatever a hub says, it lives, even if it is too busy to answer pings in time.
    this.#missed = 0;
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
    this.#config.retry = this.#pace(attempt);
    if (this.#over || this.#hub !== undefined) return;
    this.#hosting ??= this.#host().finally(() => {
      this.#hosting = undefined;
    });
  }

  /** About how many members there are: those that it knows, or those with lower numbers. */
  get #crowd(): number {
    return Math.max(this.#events.known().length, this.#events.member().number);
  }

  /** The delays before the attempt after the next one. */
  #pace(attempt: number): { min: number; max: number } {
    const times = Math.max(1, this.#crowd / FEW);
    const { min, max } = attempt * times * EAGER.max < 2 * EAGER_MS ? EAGER : PATIENT;
    return { min: min * times, max: max * times };
  }

  /** Tries to become the hub. */
  async #host(): Promise<void> {
    try {
      // Checks first whether a hub exists, or is about to, since many members may try at once and the lock would make the late
      // ones wait.
      const path = this.#rendezvous.hub;
      if (isLocked(path) && this.#deferred++ < MOST_DEFERRED) return;
      if (await answers(path)) return;
      this.#rendezvous.secure();
      const server = new Server<HubContract>({
        address: { transport: 'unix', path },
        config: this.#config,
        log: this.#log,
        internal: true,
      });
      server.on('error', (error) => this.#misused(error));
      await server.start();
      this.#hold(server);
      this.#hub = new Hub(server, this.#rendezvous, this.#events.member().number, this.#events.known());
      this.#lastFault = '';
    } catch (error) {
      if (codeOf(error) !== 'ERR_IPC_IN_USE') this.#fault(error as IPCError);
    }
  }

  /** Makes the hub keep the process running exactly as long as its member does. */
  #hold(server: Server<HubContract>): void {
    this.#handles.add(server);
    server.on('connect', (socket) => void this.#handles.add(socket));
    server.on('disconnect', (socket) => this.#handles.remove(socket));
    server.on('close', () => this.#handles.remove(server));
  }

  /** A process sent invalid data to the hub that this member hosts. */
  #misused(cause: Error): void {
    if (!INVALID.includes(codeOf(cause))) return;
    const fault = this.#invalid.pass(() => {
      const message =
        `A process sent invalid data to the hub of the channel, which this member hosts: ${cause.message} Run the same ` +
        `version in all members, and see which other programs connect to ${this.#rendezvous.hub}.`;
      return new IPCError('ERR_IPC_PROTOCOL', message, { cause });
    });
    if (fault !== undefined) this.#events.failed(fault);
  }

  /** Reports an error, but repeated ones with the same reason only once. */
  #fault(error: IPCError): void {
    if (error.message === this.#lastFault) return;
    this.#lastFault = error.message;
    this.#events.failed(error);
  }

  #tick(): void {
    const now = performance.now();
    const late = now - this.#beat > LATE * this.#heartbeat;
    this.#beat = now;
    this.#beats++;
    if (this.#hub?.reachable === false) this.#yield();
    if (!this.#client.connected) return;
    if (!this.#awaiting) void this.#ping();
    else if (this.#replaced) this.#hangUp();
    else {
      // What delays this process may delay the hub as well, or the reading of its answer.
      if (!late) this.#missed++;
      if (this.#missed >= this.#patience) void this.#replace();
    }
    if (this.#admitted) this.#events.tick();
  }

  /** Counts heartbeats instead of measuring time, so that a member which was suspended itself does not blame the hub. */
  async #ping(): Promise<void> {
    this.#awaiting = true;
    this.#missed = 0;
    try {
      await this.#client.ping({ timeout: 0 });
      this.#awaiting = false;
    } catch {
      // The connection is lost; the next one starts from the beginning.
    }
  }

  /** Whether another member, with less patience, has replaced the hub that this one is connected to. */
  get #replaced(): boolean {
    const { hubLife } = this.#rendezvous;
    return hubLife !== undefined && this.#life !== undefined && hubLife !== this.#life;
  }

  /** Stops hosting the hub, because another member replaced it while it did not respond. */
  #yield(): void {
    const hub = this.#hub;
    this.#hub = undefined;
    void hub?.stop();
  }

  /**
   * Replaces a hub that does not respond: removes its socket, unless another member already has, and continues as if the
   * hub had ended.
   */
  async #replace(): Promise<void> {
    const { socket } = this.#client;
    this.#missed = 0;
    try {
      if (this.#life !== undefined) await this.#rendezvous.evictHub(this.#life);
    } catch (error) {
      this.#fault(error as IPCError);
    }
    if (socket === this.#client.socket) this.#hangUp();
  }

  /** Ends the connection to the hub, and looks for the next one. */
  #hangUp(): void {
    const { socket } = this.#client;
    if (socket !== false) socket.destroy();
  }
}

function invalid(type: string): IPCError {
  const message =
    `The hub of the channel sent an invalid packet '${type}', which is ignored: it may be of another version. ` +
    'Run the same version in all members.';
  return new IPCError('ERR_IPC_PROTOCOL', message);
}
