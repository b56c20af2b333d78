import { IPCError } from '../../entities/errors.js';
import type { Packet, PacketId } from '../../entities/packet.js';
import { CANCEL, type CallReference, CREDIT, type Credit, STREAM } from '../../entities/stream.js';
import type { Handlers, HandlersOwner } from '../../lib/conversations/handlers.js';
import { Responder } from '../../lib/conversations/responder.js';
import { MemberCalls } from './member-calls.js';
import { MemberConnections } from './member-connections.js';
import type { Participant } from './participant.js';

/** The requests and streams between this member and others, in both directions. */
export class Conversations {
  readonly calls: MemberCalls;
  readonly #responder: Responder;
  readonly #connections: MemberConnections;
  readonly #failed: (error: IPCError) => void;

  /**
   * @param timeout the timeout of requests that have no other, in milliseconds
   * @param owner how handlers are called
   * @param failed is called when a member breaks the rules of streams
   */
  constructor(
    participant: Pick<Participant, 'outgoing' | 'over'>,
    timeout: number,
    owner: HandlersOwner,
    failed: (error: IPCError) => void,
  ) {
    this.calls = new MemberCalls(participant, timeout);
    this.#responder = new Responder('channel', owner);
    this.#connections = new MemberConnections(participant.outgoing, this.#responder);
    this.#failed = failed;
  }

  /** The handlers of members' requests. */
  get handlers(): Handlers {
    return this.#responder.handlers;
  }

  /** Processes a request, or a call for a stream, from a run of a member. */
  called(packet: Packet, id: PacketId, run: string, number: number): void {
    const connection = this.#connections.to(run, number);
    if (packet.type !== STREAM) {
      this.#responder.take(packet, id, connection);
      return;
    }
    try {
      this.#responder.streams.open(packet, id, connection);
    } catch (error) {
      connection.answer(STREAM, id, undefined, error);
    }
  }

  /** Processes a packet of a stream. On a protocol violation, that stream ends on both sides. */
  streamed(packet: Packet, run: string, number: number): void {
    const { id, re } = packet.data as CallReference;
    const connection = this.#connections.to(run, number);
    try {
      if (re === undefined) this.#responder.streams.about(packet, connection);
      else if (!this.calls.take(packet, run, connection) && isAcceptance(packet))
        connection.send({ type: CANCEL, data: { id: re } });
    } catch (cause) {
      const message = `Member ${number} violated the protocol of streams; the stream has ended.`;
      const error = new IPCError('ERR_IPC_PROTOCOL', message, { cause });
      this.#failed(error);
      if (re === undefined) connection.streams?.byId.get(id as number)?.stop();
      else {
        connection.send({ type: CANCEL, data: { id: re } });
        this.calls.fail(re, error);
      }
    }
  }

  /** A run of a member has ended. */
  left(run: string, number: number): void {
    this.calls.left(run, number);
    this.#connections.left(run);
  }

  /** Accepts no new streams. Resolves when no call is open and this member responds to no request and no stream. */
  finish(): Promise<void> {
    this.#connections.leaving = true;
    return new Promise((resolve) => {
      const check = () => {
        if (this.calls.size === 0 && this.#connections.idle) resolve();
      };
      this.calls.onIdle = check;
      this.#connections.onIdle = check;
      check();
    });
  }

  /** Ends all streams, tells the other sides, and rejects the open calls. */
  abort(error: IPCError): void {
    this.calls.endStreams(error);
    this.#connections.end();
    this.calls.end(error);
  }

  /** The channel has closed: rejects the open calls, and aborts the handlers that still respond. */
  end(error: IPCError): void {
    this.calls.end(error);
    this.#connections.end();
  }
}

/** Whether a packet accepts a call for a stream: the first packet of the responder, before any credit. */
function isAcceptance({ type, data }: Packet): boolean {
  const { seq, items, bytes } = data as Credit;
  return type === CREDIT && seq === 0 && items === 0 && bytes === 0;
}
