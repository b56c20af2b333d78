import type { PacketId } from '../../entities/packet.js';
import type { Snapshot } from '../snapshot.js';

const MOST_BYTES = 16 * 1024 * 1024;
/** What an answer takes beside its bytes: its entry, its key, and the objects that hold it. */
const ANSWER_BYTES = 320;
/** What a session takes beside its answers. */
const SESSION_BYTES = 1024;
/** Sessions of clients that are away, and bytes that these hold together. */
const MOST_AWAY = 1024;
const MOST_AWAY_BYTES = 32 * 1024 * 1024;
const LONGEST_AWAY_MS = 5 * 60_000;

/** A stream that its client may continue after a lost connection. */
export interface ResumableStream {
  readonly id: PacketId;
  /** About how many bytes are kept for it. */
  readonly keptBytes: number;
  /** No connection carries it. */
  readonly abandoned: boolean;
  /** Nobody comes back for it. */
  stop(): void;
}

/** What is known of a request in a session: how far it is, or its answer. */
export type Known = 'new' | 'running' | 'forgotten' | Snapshot;

/**
 * A peer's id as a key. V8 hashes numbers, and texts that are numbers, so that anybody can find ones which collide; other text it
 * hashes with a secret.
 */
function keyOf(id: PacketId): string {
  return typeof id === 'number' ? `#${id}` : `$${id}`;
}

/**
 * A client as it comes and goes: what it asked and what it was answered, so that a request sent again after a lost
 * connection is answered again and not run again, and its streams continue. The memory is bounded; of what fell out of it, it is
 * still known that it was there.
 */
export class Session<Connection> {
  readonly id: string;
  /** Whom it counts for, so that nobody's sessions push out those of others. */
  readonly owner: string;
  /** Where answers go just now. */
  connection: Connection | undefined;
  /** When its connection was lost (performance.now()). */
  awaySince = 0;
  /** What its answers take, with all that holds them. */
  bytes = 0;
  readonly #running = new Set<string>();
  /** The oldest first. */
  readonly #answers = new Map<string, { readonly id: PacketId; readonly answer: Snapshot }>();
  readonly #streams = new Map<string, ResumableStream>();
  #forgotten = 0;

  constructor(id: string, owner = '') {
    this.id = id;
    this.owner = owner;
  }

  /** Whether nothing of it would be missed. */
  get empty(): boolean {
    return this.#running.size + this.#answers.size + this.#streams.size === 0 && this.#forgotten === 0;
  }

  /** What it takes while its client is away. */
  get awayBytes(): number {
    let bytes = this.bytes + SESSION_BYTES;
    for (const stream of this.#streams.values()) bytes += stream.keptBytes;
    return bytes;
  }

  /** What became of a request; a new one is noted as running. */
  meet(id: PacketId): Known {
    const key = keyOf(id);
    if (this.#running.has(key)) return 'running';
    const known = this.#answers.get(key);
    if (known !== undefined) return known.answer;
    if (typeof id === 'number' && id <= this.#forgotten) return 'forgotten';
    this.#running.add(key);
    return 'new';
  }

  /** Keeps the answer of a request that was running. */
  remember(id: PacketId, answer: Snapshot): void {
    const key = keyOf(id);
    if (!this.#running.delete(key)) return;
    this.#answers.set(key, { id, answer });
    this.bytes += answer.size + ANSWER_BYTES;
    for (const [oldest, { id: old, answer: dropped }] of this.#answers) {
      if (this.bytes <= MOST_BYTES) return;
      this.#answers.delete(oldest);
      this.bytes -= dropped.size + ANSWER_BYTES;
      if (typeof old === 'number') this.#forgotten = Math.max(this.#forgotten, old);
    }
  }

  /** The stream of an id, where it may be continued. */
  stream(id: PacketId): ResumableStream | undefined {
    return this.#streams.get(keyOf(id));
  }

  /** Keeps a stream, for as long as its client may come back for it. */
  keep(stream: ResumableStream): void {
    this.#streams.set(keyOf(stream.id), stream);
  }

  /** A stream has ended, and its client knows, or is not expected to ask. */
  drop(stream: ResumableStream): void {
    this.#streams.delete(keyOf(stream.id));
    this.#running.delete(keyOf(stream.id));
  }

  /** How many streams may be continued. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Drops the streams that no connection carries: their client has come back, and did not ask for them. */
  prune(): void {
    for (const stream of [...this.#streams.values()]) if (stream.abandoned) stream.stop();
  }

  /** Its client is not expected any more. */
  end(): void {
    for (const stream of [...this.#streams.values()]) stream.stop();
  }
}

/** A server's sessions: those of connected clients, and for a while those of clients that are away. */
export class Sessions<Connection> {
  readonly #sessions = new Map<string, Session<Connection>>();
  /** The one longest away first. */
  readonly #away = new Map<string, Session<Connection>>();
  #timer: NodeJS.Timeout | undefined;

  /** The session a client names, from now on on this connection. `owner`: whom it counts for. */
  enter(id: string, connection: Connection, owner = ''): Session<Connection> {
    this.#sweep();
    const session = this.#sessions.get(id) ?? new Session<Connection>(id, owner);
    this.#sessions.set(id, session);
    this.#away.delete(id);
    session.connection = connection;
    return session;
  }

  /** Its connection has ended, and it may come back. One of which nothing would be missed is forgotten at once. */
  leave(session: Session<Connection>, connection: Connection): void {
    if (session.connection !== connection) return;
    session.connection = undefined;
    if (session.empty) {
      this.#sessions.delete(session.id);
      return;
    }
    session.awaySince = performance.now();
    this.#away.set(session.id, session);
    this.#sweep();
    this.#watch();
  }

  /** Its client has gone over to another session, and does not come back to this one. */
  abandon(session: Session<Connection>, connection: Connection): void {
    if (session.connection === connection) this.forget(session);
  }

  /** Those whose clients are away. */
  get away(): Iterable<Session<Connection>> {
    return this.#away.values();
  }

  /** Forgets a session, whether its client is away or not. */
  forget(session: Session<Connection>): void {
    session.connection = undefined;
    this.#away.delete(session.id);
    this.#sessions.delete(session.id);
    session.end();
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Ends the streams that wait for their clients. */
  endStreams(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const session of [...this.#sessions.values()]) session.end();
  }

  #sweep(): void {
    const oldest = performance.now() - LONGEST_AWAY_MS;
    let bytes = 0;
    for (const session of this.#away.values()) bytes += session.awayBytes;
    for (const session of this.#away.values()) {
      if (session.awaySince >= oldest) break;
      bytes -= session.awayBytes;
      this.forget(session);
    }
    while (this.#away.size > MOST_AWAY || bytes > MOST_AWAY_BYTES) {
      const session = this.#oldestOfGreatest(bytes > MOST_AWAY_BYTES);
      bytes -= session.awayBytes;
      this.forget(session);
    }
  }

  /** The oldest session of whoever takes most of what there is: strangers push out their own. */
  #oldestOfGreatest(byBytes: boolean): Session<Connection> {
    const shares = new Map<string, number>();
    let most = '';
    for (const session of this.#away.values()) {
      const share = (shares.get(session.owner) ?? 0) + (byBytes ? session.awayBytes : 1);
      shares.set(session.owner, share);
      if (share > (shares.get(most) ?? 0)) most = session.owner;
    }
    for (const session of this.#away.values()) if (session.owner === most) return session;
    throw new Error('No session is away.');
  }

  /** Streams wait for a client that is away in handlers that must be ended, though nobody else comes or goes. */
  #watch(): void {
    if (this.#timer !== undefined) return;
    for (const session of this.#away.values()) {
      if (session.streams === 0) continue;
      const wait = session.awaySince + LONGEST_AWAY_MS - performance.now();
      this.#timer = setTimeout(() => this.#expire(), Math.max(1, wait + 1)).unref();
      return;
    }
  }

  #expire(): void {
    this.#timer = undefined;
    this.#sweep();
    this.#watch();
  }
}
