import { type Packet, type PacketId, toPacketError } from '../../entities/packet.js';
import type { Caller, Responder } from '../../lib/conversations/responder.js';
import type { Outgoing } from './outgoing.js';

/**
 * The calls between this member and one run of another. It outlives the underlying connections: messages arrive exactly
 * once and in order until the run ends.
 */
export class MemberConnection implements Caller {
  /** The member's number, which is passed to handlers. */
  socket: number;
  readonly session = undefined;
  streams: Caller['streams'];
  contexts: Caller['contexts'];
  open = true;
  /** How many of the run's requests and streams this member responds to. */
  answering = 0;
  readonly binary = false;
  readonly #run: string;
  readonly #owner: MemberConnections;

  constructor(run: string, number: number, owner: MemberConnections) {
    this.#run = run;
    this.socket = number;
    this.#owner = owner;
  }

  get leaving(): boolean {
    return this.#owner.leaving;
  }

  get congested(): boolean {
    return this.#owner.outgoing.congested(this.#run);
  }

  drained(callback: () => void): void {
    this.#owner.outgoing.drained(this.#run, callback);
  }

  send(packet: Packet): boolean {
    if (this.open) this.#owner.outgoing.respond(this.#run, packet);
    return this.open;
  }

  answer(type: string, re: PacketId, data: unknown, error?: unknown): void {
    const refusal = (why: unknown): Packet => ({ type, data: undefined, re, error: toPacketError(why) });
    try {
      this.send(error === undefined ? { type, data, re } : refusal(error));
    } catch (fault) {
      this.send(refusal(fault));
    }
  }

  begin(): void {
    this.answering++;
  }

  done(): void {
    this.answering--;
    this.#owner.checkIdle();
  }
}

/** The runs of members with which this member has exchanged calls. */
export class MemberConnections {
  readonly outgoing: Outgoing;
  /** Whether the channel is closing, so that no new stream may start. */
  leaving = false;
  /** Called when this member has responded to the last request and stream. */
  onIdle: (() => void) | undefined;
  readonly #responder: Responder;
  readonly #connections = new Map<string, MemberConnection>();

  constructor(outgoing: Outgoing, responder: Responder) {
    this.outgoing = outgoing;
    this.#responder = responder;
  }

  /** Whether this member responds to no request and no stream. */
  get idle(): boolean {
    for (const { answering } of this.#connections.values()) if (answering > 0) return false;
    return true;
  }

  /** The connection to a run of a member, with its current number. */
  to(run: string, number: number): MemberConnection {
    let connection = this.#connections.get(run);
    if (connection === undefined) {
      connection = new MemberConnection(run, number, this);
      this.#connections.set(run, connection);
    }
    connection.socket = number;
    return connection;
  }

  /** A run has ended: aborts the handlers that respond to it. */
  left(run: string): void {
    const connection = this.#connections.get(run);
    if (connection === undefined) return;
    this.#connections.delete(run);
    connection.open = false;
    this.#responder.leave(connection);
  }

  /** The channel has closed. */
  end(): void {
    for (const run of [...this.#connections.keys()]) this.left(run);
  }

  checkIdle(): void {
    if (this.onIdle !== undefined && this.idle) this.onIdle();
  }
}
