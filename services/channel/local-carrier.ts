import type { Socket } from 'node:net';
import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { Client } from '../../lib/client.js';
import type { Deadline } from '../../lib/deadline.js';
import type { Log } from '../../lib/log.js';
import { ReportLimit } from '../../lib/report-limit.js';
import type { Server } from '../../lib/server.js';
import type { Carrier, CarrierEvents } from './carrier.js';
import type { Deduplicator } from './deduplicator.js';
import { type ConnectionEvents, type ConnectionHello, DirectConnection } from './direct-connection.js';
import type { Handles } from './handles.js';
import { hangUp } from './hang-up.js';
import { Loopback } from './loopback.js';
import type { Member } from './members.js';
import { Newcomers } from './newcomers.js';
import type { Rendezvous } from './rendezvous.js';

/** The delay before another attempt to connect to a member, in milliseconds. */
const RETRY = { min: 2, max: 100 };

/**
 * How long a member that left may take to end its connection, in milliseconds. After that, messages that it sent are no
 * longer awaited.
 */
const DRAIN_MS = 200;

/**
 * The interval of the check for idle connections, in milliseconds. A connection that carried nothing since the last check
 * is closed, so that in a large channel not every member stays connected to every other.
 */
const IDLE_MS = 30_000;

/** What a local carrier needs. */
export interface LocalCarrierOptions {
  readonly rendezvous: Rendezvous;
  /** The engine's config, with `rawBuffer`; `maxMessageSize` limits the size of a line. */
  readonly config: Config;
  readonly log: Log;
  readonly handles: Handles;
  /** Milliseconds after which an idle connection is closed, at the latest after twice this time. Default: 30,000. */
  readonly idle?: number | undefined;
}

/** Waits for the end of a member that has left. */
interface Draining {
  readonly timer: NodeJS.Timeout;
  readonly done: () => void;
}

/**
 * Connects members directly on one machine: each listens on the socket of its number, and connects to another when it first
 * has something to send. Two members need only one connection. If both connect at the same time, the connection of the
 * member with the lower number is kept.
 */
export class LocalCarrier implements Carrier {
  readonly #rendezvous: Rendezvous;
  readonly #config: Config;
  readonly #log: Log;
  readonly #handles: Handles;
  readonly #events: CarrierEvents;
  readonly #dials = new Map<string, Client>();
  /** The connections in use, by the ids of the members. */
  readonly #connections = new Map<string, DirectConnection>();
  readonly #accepted = new Map<Socket, DirectConnection>();
  readonly #newcomers = new Newcomers<DirectConnection>();
  readonly #invalid = new ReportLimit("a member's socket");
  readonly #draining = new Map<string, Draining>();
  readonly #connectionEvents: ConnectionEvents;
  readonly #timer: NodeJS.Timeout;
  #loopback: Loopback | undefined;
  /** Read the chunks that arrived before messages may be delivered. */
  #early: (() => void)[] | undefined = [];
  #over = false;

  constructor(options: LocalCarrierOptions, events: CarrierEvents) {
    const { rendezvous, config, log, handles, idle = IDLE_MS } = options;
    this.#rendezvous = rendezvous;
    this.#config = { ...config, retry: RETRY };
    this.#log = log;
    this.#handles = handles;
    this.#events = events;
    this.#timer = setInterval(() => {
      this.#endIdle();
      this.#newcomers.check();
    }, idle).unref();
    this.#connectionEvents = {
      hello: (hello, connection) => this.#introduced(hello, connection),
      message: ({ peer }, body) => {
        const { id, number } = peer as Member;
        events.message(id, number, body);
      },
      acknowledged: ({ peer, epoch }, seq) => events.acknowledged((peer as Member).id, epoch, seq),
      invalid: (what) => this.#refused(what),
    };
  }

  /** Accepts connections on the socket of this member's number. */
  serve(server: Server): void {
    server.on('connect', (socket) => {
      const write = (text: string) => server.emit(socket as Socket, text as never);
      const connection = this.#connection({ write, destroy: () => socket.destroy() }, false);
      this.#accepted.set(socket as Socket, connection);
      this.#newcomers.add(connection);
      this.#handles.add(socket);
    });
    server.on('data', ((chunk: Buffer, socket: Socket) => {
      const connection = this.#accepted.get(socket);
      const greedy = connection && this.#newcomers.sent(connection, chunk.length);
      greedy?.refuse('too much before a hello');
      if (greedy !== connection) this.#receive(connection, chunk);
    }) as never);
    server.on('disconnect', (socket) => {
      const connection = this.#accepted.get(socket as Socket);
      this.#accepted.delete(socket as Socket);
      this.#handles.remove(socket);
      if (connection !== undefined) {
        this.#newcomers.remove(connection);
        this.#ended(connection);
      }
    });
  }

  open(): void {
    setImmediate(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      this.#loopback?.open();
      for (const act of early) act();
    });
  }

  dial(member: Member): void {
    const { id, number } = member;
    if (this.#over || this.#dials.has(id) || this.#connections.has(id)) return;
    if (id === this.#events.self().id) {
      this.#loop();
      return;
    }
    const client = new Client({
      id: 'member',
      address: { transport: 'unix', path: this.#rendezvous.number(number) },
      config: this.#config,
      log: this.#log,
      internal: true,
    });
    this.#dials.set(id, client);
    let connection: DirectConnection | undefined;
    client.on('connect', () => {
      if (this.#dials.get(id) !== client) return;
      const write = (text: string) => client.emit(text as never);
      connection = this.#connection({ write, destroy: () => this.#hangUp(id, client) }, true);
      if (this.#isWanted(connection, member)) this.#use(connection, member);
      else connection.destroy();
    });
    client.on('data', ((chunk: Buffer) => this.#receive(connection, chunk)) as never);
    client.on('disconnect', () => {
      if (connection !== undefined) this.#ended(connection);
      connection = undefined;
      if (this.#connections.has(id)) this.#hangUp(id, client);
    });
    client.on('error', () => {});
    client.on('destroy', () => this.#handles.remove(client));
    this.#handles.add(client).connect();
  }

  drop(id: string, done: () => void): void {
    const finish = () => {
      this.#draining.delete(id);
      this.#forget(id);
      done();
    };
    if (!this.#connections.has(id)) finish();
    else this.#draining.set(id, { timer: setTimeout(finish, DRAIN_MS), done: finish });
  }

  async close(limit: Deadline): Promise<void> {
    this.#over = true;
    clearInterval(this.#timer);
    this.#loopback?.close();
    for (const { timer } of this.#draining.values()) clearTimeout(timer);
    for (const connection of this.#connections.values()) connection.flush();
    await Promise.all(Array.from(this.#dials.values(), (client) => hangUp(client, limit)));
  }

  #connection(socket: { write(text: string): void; destroy(): void }, dialed: boolean): DirectConnection {
    return new DirectConnection(socket, dialed, this.#config.maxMessageSize, this.#connectionEvents);
  }

  #receive(connection: DirectConnection | undefined, chunk: Buffer): void {
    if (connection === undefined) return;
    if (this.#early === undefined) connection.receive(chunk);
    else this.#early.push(() => connection.receive(chunk));
  }

  #introduced(
    { to, from, epoch, first }: ConnectionHello,
    connection: DirectConnection,
  ): Deduplicator | undefined {
    const self = this.#events.self();
    if (this.#over || to !== self.id || from.id === self.id || !this.#events.met(from)) return undefined;
    if (connection.dialed) {
      if (connection.peer?.id !== from.id) return undefined;
    } else if (this.#isWanted(connection, from)) this.#use(connection, from);
    else return undefined;
    return this.#events.incoming(from, { epoch, first });
  }

  /**
   * Whether a connection replaces the existing one. The connection of the member with the lower number is kept; of several
   * from the same member, the latest.
   */
  #isWanted(connection: DirectConnection, { id, number }: Member): boolean {
    const current = this.#connections.get(id);
    if (current === undefined || current.dialed === connection.dialed) return true;
    return connection.dialed === this.#events.self().number < number;
  }

  /** Sends messages to a member over this connection from now on. */
  #use(connection: DirectConnection, member: Member): void {
    const { id } = member;
    const before = this.#connections.get(id);
    this.#connections.set(id, connection);
    connection.peer = member;
    this.#newcomers.remove(connection);
    connection.greet({ to: id, from: this.#events.self(), ...this.#events.position(member) });
    this.#events.opened(id, connection);
    before?.destroy();
    const dial = connection.dialed ? undefined : this.#dials.get(id);
    if (dial !== undefined && member.number < this.#events.self().number) this.#hangUp(id, dial);
  }

  #ended(connection: DirectConnection): void {
    const { peer } = connection;
    connection.end();
    if (peer === undefined || this.#connections.get(peer.id) !== connection) return;
    this.#connections.delete(peer.id);
    const draining = this.#draining.get(peer.id);
    if (draining !== undefined) {
      clearTimeout(draining.timer);
      draining.done();
    } else if (!this.#over) this.#events.closed(peer.id, connection);
  }

  /** Closes idle connections that this side opened. They are opened again when there is something to send. */
  #endIdle(): void {
    for (const [id, connection] of [...this.#connections]) {
      const dial = this.#dials.get(id);
      if (connection.dialed && dial !== undefined && connection.isIdle()) this.#hangUp(id, dial);
    }
  }

  /** Ends a connection, or the attempt to make one, that this side started. A new one starts if it is still needed. */
  #hangUp(id: string, client: Client): void {
    if (this.#dials.get(id) === client) this.#dials.delete(id);
    client.destroy();
  }

  #refused(what: string): void {
    const fault = this.#invalid.pass(() => {
      const path = this.#rendezvous.number(this.#events.self().number);
      const message =
        `A connection between this member and another process carried ${what}; it was closed. Run the same version in all ` +
        `members, and see which other programs connect to ${path}.`;
      return new IPCError('ERR_IPC_PROTOCOL', message);
    });
    if (fault !== undefined) this.#events.failed(fault);
  }

  #forget(id: string): void {
    const connection = this.#connections.get(id);
    this.#connections.delete(id);
    connection?.destroy();
    this.#dials.get(id)?.destroy();
    this.#dials.delete(id);
  }

  #loop(): void {
    if (this.#loopback !== undefined) return;
    this.#loopback = new Loopback(this.#events);
    if (this.#early === undefined) this.#loopback.open();
    this.#events.opened(this.#events.self().id, this.#loopback);
  }
}
