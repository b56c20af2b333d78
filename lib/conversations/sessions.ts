import { IPCError } from '../../entities/errors.js';
import type { PacketId } from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import type { Snapshot } from '../snapshot.js';

const MOST_BYTES = 16 * 1024 * 1024;
/** The overhead of a kept answer: its entry, its key, and the objects that hold it, in bytes. */
const ANSWER_BYTES = 320;
/** The overhead of a session, in bytes. */
const SESSION_BYTES = 1024;
/** The limits of sessions whose clients are not connected: their number, and the bytes that they hold together. */
const MOST_AWAY = 1024;
const MOST_AWAY_BYTES = 32 * 1024 * 1024;
const LONGEST_AWAY_MS = 5 * 60_000;

/** A stream that its client may resume after a lost connection. */
export interface ResumableStream {
  readonly id: PacketId;
  /** About how many bytes are kept for it. */
  readonly keptBytes: number;
  /** Whether no connection carries it. */
  readonly abandoned: boolean;
  /** Ends the stream because its client will not return. */
  stop(): void;
}

/** The state of a request in a session, or its answer. */
export type Known = 'new' | 'running' | 'forgotten' | Snapshot;

/**
 * Converts a peer's id to a key. V8 hashes numbers and numeric strings without a secret, so that a peer could choose
 * colliding ones; other strings are hashed with a secret seed.
 */
function keyOf(id: PacketId): string {
  return typeof id === 'number' ? `#${id}` : `$${id}`;
}

/**
 * The state of a client across connections: its requests and their answers, so that a request that is sent again is
 * answered again without running its handler again, and its resumable streams. The memory is limited; requests whose
 * answers were dropped are still recognized as answered.
 */
export class Session<Connection> {
  readonly id: string;
  /** The account that the session counts for, so that one account's sessions cannot displace those of others. */
  readonly owner: string;
  /** The current connection, to which answers are sent. */
  connection: Connection | undefined;
  /** When the client connected or, if it is away, when its connection was lost, in milliseconds of performance.now(). */
  since = performance.now();
  /** How long the client's former connections lasted altogether, in milliseconds. */
  presentMs = 0;
  /** The memory of the answers including overhead, in bytes. */
  bytes = 0;
  readonly #running = new Set<string>();
  /** The answers, the oldest first. */
  readonly #answers = new Map<string, { readonly id: PacketId; readonly answer: Snapshot }>();
  readonly #streams = new Map<string, ResumableStream>();
  #forgotten = 0;

  constructor(id: string, owner = '') {
    this.id = id;
    this.owner = owner;
  }

  /** The client uses this connection from now on. */
  attach(connection: Connection): void {
    if (this.connection === undefined) this.since = performance.now();
    this.connection = connection;
  }

  /** The client has lost its connection. */
  detach(): void {
    const now = performance.now();
    this.presentMs += now - this.since;
    this.since = now;
    this.connection = undefined;
  }

  /** Whether the session contains nothing that is worth keeping. */
  get empty(): boolean {
    return this.#running.size + this.#answers.size + this.#streams.size === 0 && this.#forgotten === 0;
  }

  /** The memory of the session while its client is not connected. */
  get awayBytes(): number {
    let bytes = this.bytes + SESSION_BYTES;
    for (const stream of this.#streams.values()) bytes += stream.keptBytes;
    return bytes;
  }

  /** The state of a request. A new request is recorded as running. */
  meet(id: PacketId): Known {
    const key = keyOf(id);
    if (this.#running.has(key)) return 'running';
    const known = this.#answers.get(key);
    if (known !== undefined) return known.answer;
    if (typeof id === 'number' && id <= this.#forgotten) return 'forgotten';
    this.#running.add(key);
    return 'new';
  }

  /** Stores the answer of a running request. */
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

  /** The resumable stream with an id. */
  stream(id: PacketId): ResumableStream | undefined {
    return this.#streams.get(keyOf(id));
  }

  /** Keeps a stream for as long as its client may return. */
  keep(stream: ResumableStream): void {
    this.#streams.set(keyOf(stream.id), stream);
  }

  /** A stream has ended, and its client knows that or is not expected to ask. */
  drop(stream: ResumableStream): void {
    this.#streams.delete(keyOf(stream.id));
    this.#running.delete(keyOf(stream.id));
  }

  /** How many streams are resumable. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Drops abandoned streams: their client has returned and did not resume them. */
  prune(): void {
    for (const stream of [...this.#streams.values()]) if (stream.abandoned) stream.stop();
  }

  /** The client is not expected to return. */
  end(): void {
    for (const stream of [...this.#streams.values()]) stream.stop();
  }
}

/** The sessions of a server: those of connected clients and, for a while, those of clients whose connections were lost. */
export class Sessions<Connection> {
  readonly #sessions = new Map<string, Session<Connection>>();
  /** The sessions of clients that are not connected, the longest absent first. */
  readonly #away = new Map<string, Session<Connection>>();
  #timer: NodeJS.Timeout | undefined;

  /** The session that a client names; its packets now go to this connection. `owner` is the account that it counts for. */
  enter(id: string, connection: Connection, owner = ''): Session<Connection> {
    const session = this.#sessions.get(id) ?? new Session<Connection>(id, owner);
    this.#sessions.set(id, session);
    this.#away.delete(id);
    session.attach(connection);
    return session;
  }

  /** The connection was lost, and the client may return. A session that is not worth keeping is deleted at once. */
  leave(session: Session<Connection>, connection: Connection): void {
    if (session.connection !== connection) return;
    session.detach();
    if (session.empty) {
      this.#sessions.delete(session.id);
      return;
    }
    this.#away.set(session.id, session);
    this.#sweep();
    this.#watch();
  }

  /** The client has switched to another session and will not return to this one. */
  abandon(session: Session<Connection>, connection: Connection): void {
    if (session.connection === connection) this.forget(session);
  }

  /** The sessions whose clients are not connected. */
  get away(): Iterable<Session<Connection>> {
    return this.#away.values();
  }

  /** Deletes a session, whether or not its client is connected. */
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
    const expired = performance.now() - LONGEST_AWAY_MS;
    for (const session of this.#away.values()) if (session.since <= expired) this.forget(session);
    for (;;) {
      let bytes = 0;
      for (const session of this.#away.values()) bytes += session.awayBytes;
      if (bytes > MOST_AWAY_BYTES) this.forget(this.#dispensable((session) => session.awayBytes));
      else if (this.#away.size > MOST_AWAY) this.forget(this.#dispensable(() => 1));
      else return;
    }
  }

  /**
   * The session to delete: one of the account that uses most, so that clients displace their own sessions first. Clients without
   * credentials are one account if they have the same address or use a local socket. Of an account's sessions, it is the one that
   * uses most for the time that its client was connected. An attacker can create many sessions quickly, but cannot make them old.
   */
  #dispensable(taken: (session: Session<Connection>) => number): Session<Connection> {
    const shares = new Map<string, number>();
    for (const session of this.#away.values()) {
      shares.set(session.owner, (shares.get(session.owner) ?? 0) + taken(session));
    }
    const most = Math.max(...shares.values());
    let worst: Session<Connection> | undefined;
    for (const session of this.#away.values()) {
      if (shares.get(session.owner) !== most) continue;
      if (worst === undefined || taken(session) * worst.presentMs > taken(worst) * session.presentMs) {
        worst = session;
      }
    }
    return worst as Session<Connection>;
  }

  /** Deletes sessions in time even if no other client comes or goes. */
  #watch(): void {
    const [oldest] = this.#away.values();
    if (this.#timer !== undefined || oldest === undefined) return;
    const wait = oldest.since + LONGEST_AWAY_MS - performance.now();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sweep();
      this.#watch();
    }, wait).unref();
  }
}

/** The error of a request or stream that was answered before, and whose answer is no longer stored. */
export function forgotten(kind: 'request' | 'stream', type: string): IPCError {
  const message = `The ${kind} ${escapeText(type)} was answered before, and its answer is no longer stored; check the outcome before you repeat it.`;
  return new IPCError('ERR_IPC_FORGOTTEN', message);
}
