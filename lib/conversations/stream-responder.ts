import { closedError, IPCError } from '../../entities/errors.js';
import { metaOf, type Packet, type PacketId } from '../../entities/packet.js';
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
import { type Handlers, noHandler } from './handlers.js';
import type { Budget } from './item-stream.js';
import { ResponseStream, type StreamKeeper } from './response-stream.js';
import { forgotten, type Session } from './sessions.js';
import type { StreamConnection } from './stream-connection.js';

/** How many streams a connection may have open, so that a table of their ids stays small. */
const MOST_STREAMS = 1024;
/** How many streams of a session may be resumable. */
const MOST_RESUMABLE = 64;
/** How much of the bodies of its streams is buffered for a connection, in bytes. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;

/** The open streams of a connection, and how much it holds of their bodies. */
interface OpenStreams {
  readonly byId: Map<PacketId, ResponseStream<StreamCaller>>;
  readonly budget: Budget;
}

/** The part of a connection that responding with streams requires. */
export interface StreamCaller extends StreamConnection {
  readonly socket: unknown;
  readonly session: Session<unknown> | undefined;
  /** Created with the first stream. */
  streams: OpenStreams | undefined;
  /** Whether the connection is about to close, so that no new call is accepted. */
  readonly leaving: boolean;
  /** Counts a call that is being answered, so that closing can wait for it. */
  begin(): void;
  done(): void;
}

/** What requests and streams have in common on the side that responds. */
export interface Responding {
  readonly handlers: Handlers;
  /** Checks names. Default: all are permitted. */
  readonly names: EventNames | undefined;
  /** Called with the number of bytes by which the memory of callers has grown. */
  readonly grew: ((bytes: number) => void) | undefined;
}

/** Responds to calls for streams. */
export class StreamResponder implements StreamKeeper<StreamCaller> {
  readonly #side: Responding;

  constructor(side: Responding) {
    this.#side = side;
  }

  /**
   * Processes a packet for the responding side of streams.
   * @throws IPCError ERR_IPC_PROTOCOL on a protocol violation
   */
  called(packet: Packet, connection: StreamCaller): void {
    if (packet.type === STREAM) this.open(packet, packet.id as PacketId, connection);
    else this.about(packet, connection);
  }

  /**
   * Responds to a call for a stream.
   * @throws IPCError ERR_IPC_PROTOCOL on a protocol violation
   */
  open(packet: Packet, id: PacketId, connection: StreamCaller): void {
    const opening = packet.data as Opening;
    checkOpening(opening);
    connection.streams ??= { byId: new Map(), budget: { bytes: 0, most: MOST_BODY_BYTES } };
    if (connection.streams.byId.has(id)) throw streamViolation(`the id ${escapeText(String(id))} is in use`);
    const { session } = connection;
    const resumes = opening.resume !== undefined && session !== undefined;
    const known = resumes ? (session.stream(id) as ResponseStream<StreamCaller> | undefined) : undefined;
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
  about(packet: Packet, connection: StreamCaller): void {
    const id = (packet.data as CallReference).id as PacketId;
    const open = connection.streams?.byId.get(id);
    if (open !== undefined) {
      const { budget } = connection.streams as OpenStreams;
      const before = budget.bytes;
      open.take(packet);
      if (budget.bytes > before) this.#side.grew?.(budget.bytes - before);
    } else if (packet.type === CANCEL) connection.session?.stream(id)?.stop();
  }

  /** A connection has ended: ends its streams, except those that may resume over another connection. */
  leave({ streams }: StreamCaller): void {
    if (streams === undefined) return;
    for (const stream of [...streams.byId.values()]) {
      if (stream.resumes) this.#release(stream);
      else stream.stop();
    }
  }

  finished(stream: ResponseStream<StreamCaller>): void {
    const { connection } = stream;
    stream.session?.drop(stream);
    if (connection !== undefined) this.#release(stream);
  }

  /** Why a stream is refused; undefined if it is accepted. */
  #refusal(
    { type, resume }: Opening,
    id: PacketId,
    { session, streams }: StreamCaller,
  ): IPCError | undefined {
    const refused = this.#side.names?.refusal(type);
    if (refused !== undefined) return refused;
    if (!this.#side.handlers.has(type)) return noHandler('stream', type);
    if ((streams as OpenStreams).byId.size >= MOST_STREAMS) return tooManyStreams(type, MOST_STREAMS);
    // A client resumes its streams before it opens new ones, so streams that are still abandoned now are not needed.
    if (resume === undefined || resume === 0) session?.prune();
    if (resume === undefined) return undefined;
    if (session === undefined || resume > 0) return forgotten('stream', type);
    if (session.streams >= MOST_RESUMABLE) return tooManyStreams(type, MOST_RESUMABLE);
    return session.meet(id) === 'new' ? undefined : forgotten('stream', type);
  }

  #begin(packet: Packet, id: PacketId, connection: StreamCaller, resumes: boolean): void {
    const opening = packet.data as Opening;
    const { budget } = connection.streams as OpenStreams;
    const { handlers } = this.#side;
    const check = handlers.itemCheck(opening.type);
    const meta = metaOf(packet);
    const stream = new ResponseStream(this, { id, opening, connection, resumes, budget, check, meta });
    this.#hold(stream, connection);
    if (resumes) {
      stream.session = connection.session;
      connection.session?.keep(stream);
    }
    stream.start(handlers, connection.socket);
  }

  #hold(stream: ResponseStream<StreamCaller>, connection: StreamCaller): void {
    (connection.streams as OpenStreams).byId.set(stream.id, stream);
    connection.begin();
  }

  /** The connection no longer carries the stream. */
  #release(stream: ResponseStream<StreamCaller>): void {
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

function tooManyStreams(type: string, most: number): IPCError {
  const message = `The stream ${escapeText(type)} was refused: ${most} of its kind are open already; end some of them first.`;
  return new IPCError('ERR_IPC_BACKPRESSURE', message);
}
