import { IPCError } from '../../entities/errors.js';
import {
  fromPacketError,
  type Meta,
  type Packet,
  type PacketError,
  type PacketId,
  toPacketError,
} from '../../entities/packet.js';
import {
  CANCEL,
  CREDIT,
  type Credit,
  END,
  type End,
  ITEM,
  type Item,
  isCount,
  type Opening,
  STREAM,
  streamViolation,
  type Window,
} from '../../entities/stream.js';
import { Context } from './context.js';
import { Failure, type Handlers } from './handlers.js';
import { closeItems, ItemSender, type ItemSink, isAsyncIterable } from './item-sender.js';
import { type Budget, type ItemSource, ItemStream } from './item-stream.js';
import { type StreamConnection, sendCancel, sendCredit, sendItem } from './stream-connection.js';

/** The flow-control window of a body. */
const BODY_WINDOW: Window = { items: 256, bytes: 1024 * 1024 };

/** Keeps track of a {@link ResponseStream} while it is open. */
export interface StreamKeeper<Connection extends StreamConnection> {
  /** The stream has ended, and nothing of it is needed any more. */
  finished(stream: ResponseStream<Connection>): void;
}

/** Is told when a stream that it keeps is no longer needed. */
export interface StreamHolder {
  drop(stream: {
    readonly id: PacketId;
    readonly keptBytes: number;
    readonly abandoned: boolean;
    stop(): void;
  }): void;
}

/** A call that {@link ResponseStream} responds to. */
export interface StreamCall<Connection> {
  readonly id: PacketId;
  readonly opening: Opening;
  readonly connection: Connection;
  /** Whether the stream may resume over another connection. */
  readonly resumes: boolean;
  /** What the connection may hold of unread bodies. */
  readonly budget: Budget;
  /** Validates and converts an item of the body, or throws. */
  readonly check?: ((item: unknown) => unknown) | undefined;
  readonly meta?: Meta | undefined;
}

/** The responding side of a stream. */
export class ResponseStream<Connection extends StreamConnection> implements ItemSource, ItemSink {
  readonly id: PacketId;
  readonly type: string;
  /** Whether the stream may resume over another connection. */
  readonly resumes: boolean;
  /** The current connection; undefined while it is lost. */
  connection: Connection | undefined;
  /** The session that keeps the stream while there is no connection. */
  session: StreamHolder | undefined;
  readonly itemsWritten = 0;
  readonly bytesWritten = 0;
  readonly #keeper: StreamKeeper<Connection>;
  readonly #opening: Opening;
  readonly #context: Context;
  readonly #body: ItemStream | undefined;
  #sender: ItemSender | undefined;
  /** How the stream ended, kept while the other side may not know it. */
  #end: { readonly seq: number; readonly error: PacketError | undefined } | undefined;
  /** Whether the handler does not want the rest of the body. */
  #bodyLeft = false;
  #over = false;

  constructor(keeper: StreamKeeper<Connection>, call: StreamCall<Connection>) {
    const { opening, budget, check, meta } = call;
    this.#keeper = keeper;
    this.id = call.id;
    this.type = opening.type;
    this.resumes = call.resumes;
    this.#opening = opening;
    this.connection = call.connection;
    if (opening.body === true) this.#body = new ItemStream(this, BODY_WINDOW, { budget, check });
    this.#context = new Context(undefined, this.#body, meta);
  }

  /** About how many bytes are kept until the other side returns. */
  get keptBytes(): number {
    return this.#sender?.keptBytes ?? 0;
  }

  /** Whether no connection carries the stream. */
  get abandoned(): boolean {
    return this.connection === undefined;
  }

  /** Accepts the call and runs the handler. */
  start(handlers: Handlers, peer: unknown): void {
    sendCredit(this.connection as Connection, { re: this.id as number }, 0, { items: 0, bytes: 0 });
    const { type, data } = this.#opening;
    const outcome = handlers.call('stream', { type, data }, peer, this.#context);
    const check = handlers.outputCheck(type);
    if (outcome instanceof Promise) void outcome.then((later) => this.#respond(later, check));
    else this.#respond(outcome, check);
  }

  /**
   * Processes a packet about the call.
   * @throws IPCError ERR_IPC_PROTOCOL
   */
  take({ type, data, error }: Packet): void {
    if (type === CANCEL) this.stop();
    else if (type === CREDIT) this.#granted(data as Credit);
    else if (this.#body === undefined)
      throw streamViolation('an item came for a body that was not announced');
    else if (type === ITEM) this.#body.take(data as Item, error);
    else if (type === END) this.#endBody(data as End);
  }

  /** Nobody wants a response any more: aborts the handler. */
  stop(): void {
    if (this.#over) return;
    this.#over = true;
    const left = new IPCError(
      'ERR_IPC_ABORTED',
      `The caller does not wait for the stream ${this.type} any longer.`,
    );
    this.#context.abort(left);
    this.#body?.abort(left);
    this.#sender?.stop();
    this.#keeper.finished(this);
  }

  /** The connection was lost; the stream may resume over another one. */
  detach(): void {
    this.connection = undefined;
    this.#sender?.detach();
  }

  /**
   * The stream resumes over another connection.
   * @throws IPCError ERR_IPC_PROTOCOL
   */
  attach(connection: Connection, opening: Opening): void {
    this.connection = connection;
    this.#opening.items = opening.items;
    this.#opening.bytes = opening.bytes;
    const body = this.#body;
    sendCredit(
      connection,
      { re: this.id as number },
      body?.last ?? 0,
      body?.renew() ?? { items: 0, bytes: 0 },
    );
    this.#sender?.attach(opening.resume as number, opening);
    if (this.#bodyLeft) this.left();
    this.#answer();
  }

  credit(seq: number, window: Window): void {
    if (this.connection?.open) sendCredit(this.connection, { re: this.id as number }, seq, window);
  }

  left(): void {
    this.#bodyLeft = true;
    if (this.connection?.open) sendCancel(this.connection, { re: this.id as number });
  }

  waits(): void {}

  get congested(): boolean {
    return this.connection?.congested === true;
  }

  drained(callback: () => void): void {
    this.connection?.drained(callback);
  }

  send(seq: number, item: unknown, full: boolean): void {
    if (this.connection?.open) sendItem(this.connection, { re: this.id as number }, seq, item, full);
  }

  ended(error: unknown, failed: boolean): void {
    this.#end = { seq: this.#sender?.seq ?? 0, error: failed ? toPacketError(error) : undefined };
    this.#body?.abort(new IPCError('ERR_IPC_ABORTED', `The stream ${this.type} has ended.`));
    this.#answer();
    if (!this.resumes) this.#finish();
  }

  #answer(): void {
    if (this.#end === undefined || this.connection === undefined) return;
    const { seq, error } = this.#end;
    this.connection.answer(STREAM, this.id, error === undefined ? { seq } : undefined, error);
  }

  /** A response that is a single value becomes a stream of one item. */
  #respond(outcome: unknown, check: ((item: unknown) => unknown) | undefined): void {
    if (this.#over) {
      if (isAsyncIterable(outcome)) closeItems(outcome);
      return;
    }
    if (outcome instanceof Failure) {
      this.ended(outcome.error, true);
      return;
    }
    const streams = isAsyncIterable(outcome);
    const { items, bytes } = this.#opening;
    try {
      // A single value was validated already.
      this.#sender = new ItemSender(
        streams ? outcome : [outcome],
        this,
        this.resumes,
        streams ? check : undefined,
      );
    } catch (error) {
      this.ended(error, true);
      return;
    }
    if (this.connection === undefined) this.#sender.detach();
    this.#sender.grant(0, items, bytes);
  }

  #granted({ seq, items, bytes }: Credit): void {
    if (this.#sender === undefined) {
      if (seq !== 0) throw streamViolation('it acknowledged items before the response began');
      return;
    }
    this.#sender.grant(seq, items, bytes);
  }

  #endBody({ seq, error }: End): void {
    const body = this.#body as ItemStream;
    if (!isCount(seq)) throw streamViolation('a body ended without its number of items');
    if (seq !== body.last) throw streamViolation(`a body of ${seq} items ended after item ${body.last}`);
    body.end(error === undefined || error === null ? undefined : fromPacketError(error));
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#keeper.finished(this);
  }
}
