import { lostError } from '../../entities/errors.js';
import {
  metaOf,
  type Packet,
  type PacketError,
  type PacketId,
  toPacketError,
} from '../../entities/packet.js';
import type { EventNames } from '../event-names.js';
import type { Side } from '../observe.js';
import { Snapshot } from '../snapshot.js';
import { Context, type ContextHolder } from './context.js';
import { Failure, Handlers, type HandlersOwner, refuseStream } from './handlers.js';
import { isAsyncIterable } from './item-sender.js';
import { forgotten, type Session, Sessions } from './sessions.js';
import { type Responding, type StreamCaller, StreamResponder } from './stream-responder.js';

/** The part of a connection that answering requires. */
export interface Caller extends StreamCaller, ContextHolder {
  session: Session<Caller> | undefined;
  /** Whether the peer has shown that it uses our extensions of node-ipc's wire protocol. */
  speaks?: boolean;
}

/** The answer to a request. */
interface Answer {
  readonly data: unknown;
  readonly error: PacketError | undefined;
}

/** The memory that a request takes while its handler runs, in bytes: its packet, its context and its promises. */
export const REQUEST_BYTES = 1024;

/** The responding side of calls. It runs the handler of a request once, even if the request is sent again. */
export class Responder implements Responding {
  readonly handlers: Handlers;
  /** Responds to calls for streams. */
  readonly streams: StreamResponder;
  /** Checks the names of requests. Default: all are permitted. */
  names: EventNames | undefined;
  /** Called with the number of bytes by which the memory of callers has grown. */
  grew: ((bytes: number) => void) | undefined;
  readonly #sessions = new Sessions<Caller>();

  constructor(side: Side | 'channel', owner: HandlersOwner = {}) {
    this.handlers = new Handlers(side, owner);
    this.streams = new StreamResponder(this);
  }

  /**
   * A client that sends requests again after a lost connection has identified its session.
   * @param owner the account that the session counts for
   */
  enter(id: string, connection: Caller, owner?: string): void {
    const { session } = connection;
    if (session?.id === id) return;
    if (session !== undefined) this.#sessions.abandon(session, connection);
    connection.session = this.#sessions.enter(id, connection, owner);
  }

  /** The sessions of clients that are not connected. */
  get away(): Iterable<Session<Caller>> {
    return this.#sessions.away;
  }

  /** Deletes a session because of the memory limit. */
  forget(session: Session<Caller>): void {
    if (session.connection !== undefined) session.connection.session = undefined;
    this.#sessions.forget(session);
  }

  /** A connection has ended: aborts its handlers, except those whose client may return for the result. */
  leave(connection: Caller): void {
    const { session, contexts } = connection;
    if (contexts !== undefined) {
      for (const context of contexts) context.abort(lostError('the caller'));
      contexts.clear();
    }
    this.streams.leave(connection);
    if (session === undefined) return;
    this.#sessions.leave(session, connection);
  }

  /** No client is expected to return: ends the streams that wait for their clients. */
  end(): void {
    this.#sessions.endStreams();
  }

  /**
   * Whether a packet with an `id` is a request: its type has a handler, or its sender uses our extensions of node-ipc's
   * wire protocol. Otherwise it is an event if anybody listens to it.
   */
  isRequest(type: string, connection: Caller, heard: boolean): boolean {
    if (connection.speaks) return true;
    if (!this.handlers.has(type)) return !heard;
    connection.speaks = true;
    return true;
  }

  /** Refuses a request whose data could not be read; see {@link isRequest}. */
  refuse({ type, id, error }: Packet, connection: Caller): void {
    if (connection.speaks || this.handlers.has(type))
      connection.answer(type, id as PacketId, undefined, error);
  }

  /** Answers a request, at once or when its handler is done. */
  take(packet: Packet, id: PacketId, connection: Caller): void {
    const { session } = connection;
    const refused = this.names?.refusal(packet.type);
    if (refused !== undefined) connection.answer(packet.type, id, undefined, refused);
    else if (session === undefined) this.#run(packet, id, connection);
    else this.#runOnce(packet, id, connection, session);
  }

  #run(packet: Packet, id: PacketId, connection: Caller): void {
    connection.begin();
    const context = new Context(connection, undefined, metaOf(packet));
    const outcome = this.handlers.call('request', packet, connection.socket, context);
    if (outcome instanceof Promise) {
      this.grew?.(REQUEST_BYTES);
      void outcome.then((later) => this.#reply(packet.type, id, connection, later, context));
    } else this.#reply(packet.type, id, connection, outcome, context);
  }

  #reply(type: string, id: PacketId, connection: Caller, outcome: unknown, context: Context): void {
    context.done();
    const response = isAsyncIterable(outcome) ? refuseStream(type, outcome) : outcome;
    if (response instanceof Failure) connection.answer(type, id, undefined, response.error);
    else connection.answer(type, id, response);
    connection.done();
  }

  #runOnce(packet: Packet, id: PacketId, connection: Caller, session: Session<Caller>): void {
    const { type } = packet;
    const known = session.meet(id);
    if (known === 'running') return;
    if (known === 'forgotten') {
      connection.answer(type, id, undefined, forgotten('request', type));
      return;
    }
    if (known !== 'new') {
      const { data, error } = known.value as Answer;
      connection.answer(type, id, data, error);
      return;
    }
    connection.begin();
    const context = new Context(undefined, undefined, metaOf(packet));
    const outcome = this.handlers.call('request', packet, connection.socket, context);
    const reply = (later: unknown) => {
      const response = isAsyncIterable(later) ? refuseStream(type, later) : later;
      const failed = response instanceof Failure;
      const answer = failed
        ? { data: undefined, error: toPacketError(response.error) }
        : { data: response, error: undefined };
      const before = session.bytes;
      session.remember(id, snapshot(answer));
      this.grew?.(session.bytes - before);
      session.connection?.answer(type, id, answer.data, answer.error);
      connection.done();
    };
    if (outcome instanceof Promise) {
      this.grew?.(REQUEST_BYTES);
      void outcome.then(reply);
    } else reply(outcome);
  }
}

/** Copies an answer for keeping. If it cannot be encoded, the reason becomes the answer. */
function snapshot(answer: Answer): Snapshot {
  try {
    return new Snapshot(answer);
  } catch (fault) {
    return new Snapshot({ data: undefined, error: toPacketError(fault) });
  }
}
