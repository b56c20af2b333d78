import { closedError, IPCError, lostError } from '../../entities/errors.js';
import {
  metaOf,
  type Packet,
  type PacketError,
  type PacketId,
  toPacketError,
} from '../../entities/packet.js';
import {
  CANCEL,
  type CallReference,
  isCount,
  type Opening,
  STREAM,
  streamViolation,
} from '../../entities/stream.js';
import { escapeText } from '../../entities/text.js';
import type { EventNames } from '../event-names.js';
import type { Side } from '../observe.js';
import { Snapshot } from '../snapshot.js';
import { Context, type ContextHolder } from './context.js';
import { Failure, Handlers, type HandlersOwner, noHandler, refuseStream } from './handlers.js';
import { isAsyncIterable } from './item-sender.js';
import type { Budget } from './item-stream.js';
import { ResponseStream, type StreamKeeper } from './response-stream.js';
import { type Session, Sessions } from './sessions.js';
import type { StreamConnection } from './stream-connection.js';

/** The open streams of a connection, and how much it holds of their bodies. */
interface OpenStreams {
  readonly byId: Map<PacketId, ResponseStream<Caller>>;
  readonly budget: Budget;
}

/** The part of a connection that answering requires. */
export interface Caller extends StreamConnection, ContextHolder {
  readonly socket: unknown;
  session: Session<Caller> | undefined;
  /** Created with the first stream. */
  streams: OpenStreams | undefined;
  /** Whether the connection is about to close, so that no new call is accepted. */
  readonly leaving: boolean;
  /** Whether the peer has shown that it uses our extensions of node-ipc's wire protocol. */
  speaks?: boolean;
  begin(): void;
  done(): void;
}

/** The answer to a request. */
interface Answer {
  readonly data: unknown;
  readonly error: PacketError | undefined;
}

/** How many streams a connection may have open, so that a table of their ids stays small. */
const MOST_STREAMS = 1024;
/** How many streams of a session may be resumable. */
const MOST_RESUMABLE = 64;
/** How much of the bodies of its streams is buffered for a connection, in bytes. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;

/** The memory that a request takes while its handler runs, in bytes: its packet, its context and its promises. */
export const REQUEST_BYTES = 1024;

/** The responding side of calls. It runs each handler once, even if a request is sent again. */
export class Responder implements StreamKeeper<Caller> {
  readonly handlers: Handlers;
  /** Checks the names of requests. Default: all are permitted. */
  names: EventNames | undefined;
  /** Called with the number of bytes by which the memory of callers has grown. */
  grew: ((bytes: number) => void) | undefined;
  readonly #sessions = new Sessions<Caller>();

  constructor(side: Side | 'channel', owner: HandlersOwner = {}) {
    this.handlers = new Handlers(side, owner);
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
    const { session, streams, contexts } = connection;
    if (contexts !== undefined) {
      for (const context of contexts) context.abort(lostError('the caller'));
      contexts.clear();
    }
    if (streams !== undefined) {
      for (const stream of [...streams.byId.values()]) {
        if (stream.resumes) this.#release(stream);
        else stream.stop();
      }
    }
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

  /**
   * Processes a packet for the responding side of streams.
   * @throws IPCError ERR_IPC_PROTOCOL on a protocol violation
   */
  called(packet: Packet, connection: Caller): void {
    if (packet.type === STREAM) this.open(packet, packet.id as PacketId, connection);
    else this.about(packet, connection);
  }

  /**
   * Responds to a call for a stream.
   * @throws IPCError ERR_IPC_PROTOCOL on a protocol violation
   */
  open(packet: Packet, id: PacketId, connection: Caller): void {
    const opening = packet.data as Opening;
    checkOpening(opening);
    connection.streams ??= { byId: new Map(), budget: { bytes: 0, most: MOST_BODY_BYTES } };
    if (connection.streams.byId.has(id)) throw streamViolation(`the id ${escapeText(String(id))} is in use`);
    const { session } = connection;
    const resumes = opening.resume !== undefined && session !== undefined;
    const known = resumes ? (session.stream(id) as ResponseStream<Caller> | undefined) : undefined;
    if (known !== undefined) {
      this.#release(known);
      this.#hold(known, connection);
      known.attach(connection, opening);
      return;
    }
    const refusal = connection.leaving
      ? closedError('the other side')
      : this.#refusal(opening, id, connection);
    if (refusal === undefined) this.#begin(packet, id, connection, resumes);
    else connection.answer(STREAM, id, undefined, refusal);
  }

  /**
   * Processes a packet about a stream. It is ignored if the stream is not open, since it may be late.
   * @throws IPCError ERR_IPC_PROTOCOL on a protocol violation
   */
  about(packet: Packet, connection: Caller): void {
    const id = (packet.data as CallReference).id as PacketId;
    const open = connection.streams?.byId.get(id);
    if (open !== undefined) {
      const { budget } = connection.streams as OpenStreams;
      const before = budget.bytes;
      open.take(packet);
      if (budget.bytes > before) this.grew?.(budget.bytes - before);
    } else if (packet.type === CANCEL) connection.session?.stream(id)?.stop();
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

  /** Why a stream is refused; undefined if it is accepted. */
  #refusal({ type, resume }: Opening, id: PacketId, { session, streams }: Caller): IPCError | undefined {
    const refused = this.names?.refusal(type);
    if (refused !== undefined) return refused;
    if (!this.handlers.has(type)) return noHandler('stream', type);
    if ((streams as OpenStreams).byId.size >= MOST_STREAMS) return tooManyStreams(type, MOST_STREAMS);
    // A client resumes its streams before it opens new ones, so streams that are still abandoned now are not needed.
    if (resume === undefined || resume === 0) session?.prune();
    if (resume === undefined) return undefined;
    if (session === undefined || resume > 0) return forgotten('stream', type);
    if (session.streams >= MOST_RESUMABLE) return tooManyStreams(type, MOST_RESUMABLE);
    return session.meet(id) === 'new' ? undefined : forgotten('stream', type);
  }

  #begin(packet: Packet, id: PacketId, connection: Caller, resumes: boolean): void {
    const opening = packet.data as Opening;
    const { budget } = connection.streams as OpenStreams;
    const check = this.handlers.itemCheck(opening.type);
    const meta = metaOf(packet);
    const stream = new ResponseStream(this, { id, opening, connection, resumes, budget, check, meta });
    this.#hold(stream, connection);
    if (resumes) {
      stream.session = connection.session;
      connection.session?.keep(stream);
    }
    stream.start(this.handlers, connection.socket);
  }

  finished(stream: ResponseStream<Caller>): void {
    const { connection } = stream;
    stream.session?.drop(stream);
    if (connection !== undefined) this.#release(stream);
  }

  #hold(stream: ResponseStream<Caller>, connection: Caller): void {
    (connection.streams as OpenStreams).byId.set(stream.id, stream);
    connection.begin();
  }

  /** The connection no longer carries the stream. */
  #release(stream: ResponseStream<Caller>): void {
    const { connection } = stream;
    stream.detach();
    if (connection?.streams?.byId.delete(stream.id)) connection.done();
  }
}

/** @throws IPCError ERR_IPC_PROTOCOL */
function checkOpening(opening: Opening | null | undefined): void {
  if (typeof opening !== 'object' || opening === null || typeof opening.type !== 'string') {
    throw streamViolation('a call has no name');
  }
  const { items, bytes, resume } = opening;
  if (!isCount(items) || !isCount(bytes) || !(resume === undefined || isCount(resume))) {
    throw streamViolation('the credit of a call is not a number');
  }
}

function forgotten(kind: string, type: string): IPCError {
  const message = `The ${kind} ${escapeText(type)} was answered before, and its answer is no longer stored; check the outcome before you repeat it.`;
  return new IPCError('ERR_IPC_FORGOTTEN', message);
}

function tooManyStreams(type: string, most: number): IPCError {
  const message = `The stream ${escapeText(type)} was refused: ${most} of its kind are open already; end some of them first.`;
  return new IPCError('ERR_IPC_BACKPRESSURE', message);
}

/** Copies an answer for keeping. If it cannot be encoded, the reason becomes the answer. */
function snapshot(answer: Answer): Snapshot {
  try {
    return new Snapshot(answer);
  } catch (fault) {
    return new Snapshot({ data: undefined, error: toPacketError(fault) });
  }
}
