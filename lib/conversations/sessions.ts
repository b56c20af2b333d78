import type { PacketId } from '../../entities/packet.js';
import type { Snapshot } from '../snapshot.js';

const MOST_ANSWERS = 65_536;
const MOST_BYTES = 16 * 1024 * 1024;
/** Sessions of clients that are away, and bytes that these hold together. */
const MOST_AWAY = 1024;
const MOST_AWAY_BYTES = 32 * 1024 * 1024;
const LONGEST_AWAY_MS = 5 * 60_000;

/** What is known of a request in a session: how far it is, or its answer. */
export type Known = 'new' | 'running' | 'forgotten' | Snapshot;

/**
 * A client as it comes and goes: what it asked and what it was answered, so that a request sent again after a lost
 * connection is answered again and not run again. The memory is bounded; of what fell out of it, it is still known that
 * it was there.
 */
export class Session<Connection> {
  readonly id: string;
  /** Where answers go just now. */
  connection: Connection | undefined;
  /** When its connection was lost (performance.now()). */
  awaySince = 0;
  /** What its answers take. */
  bytes = 0;
  readonly #running = new Set<PacketId>();
  /** The oldest first. */
  readonly #answers = new Map<PacketId, Snapshot>();
  #forgotten = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** What became of a request; a new one is noted as running. */
  meet(id: PacketId): Known {
    if (this.#running.has(id)) return 'running';
    const answer = this.#answers.get(id);
    if (answer !== undefined) return answer;
    if (typeof id === 'number' && id <= this.#forgotten) return 'forgotten';
    this.#running.add(id);
    return 'new';
  }

  /** Keeps the answer of a request that was running. */
  remember(id: PacketId, answer: Snapshot): void {
    if (!this.#running.delete(id)) return;
    this.#answers.set(id, answer);
    this.bytes += answer.bytes.length;
    for (const [oldest, { bytes }] of this.#answers) {
      if (this.#answers.size <= MOST_ANSWERS && this.bytes <= MOST_BYTES) return;
      this.#answers.delete(oldest);
      this.bytes -= bytes.length;
      if (typeof oldest === 'number') this.#forgotten = Math.max(this.#forgotten, oldest);
    }
  }
}

/** A server's sessions: those of connected clients, and for a while those of clients that are away. */
export class Sessions<Connection> {
  readonly #sessions = new Map<string, Session<Connection>>();
  /** The one longest away first. */
  readonly #away = new Map<string, Session<Connection>>();

  /** The session a client names, from now on on this connection. */
  enter(id: string, connection: Connection): Session<Connection> {
    this.#sweep();
    const session = this.#sessions.get(id) ?? new Session<Connection>(id);
    this.#sessions.set(id, session);
    this.#away.delete(id);
    session.connection = connection;
    return session;
  }

  /** Its connection is gone. */
  leave(session: Session<Connection>, connection: Connection): void {
    if (session.connection !== connection) return;
    session.connection = undefined;
    session.awaySince = performance.now();
    this.#away.set(session.id, session);
    this.#sweep();
  }

  get size(): number {
    return this.#sessions.size;
  }

  #sweep(): void {
    const oldest = performance.now() - LONGEST_AWAY_MS;
    let bytes = 0;
    for (const session of this.#away.values()) bytes += session.bytes;
    for (const [id, session] of this.#away) {
      const few = this.#away.size <= MOST_AWAY && bytes <= MOST_AWAY_BYTES;
      if (few && session.awaySince >= oldest) return;
      bytes -= session.bytes;
      this.#away.delete(id);
      this.#sessions.delete(id);
    }
  }
}
