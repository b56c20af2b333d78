import { IPCError } from '../../entities/errors.js';
import { isMeta, type Meta, type Packet, withMeta } from '../../entities/packet.js';
import {
  CANCEL,
  CREDIT,
  type Credit,
  type Ended,
  ITEM,
  type Item,
  isCount,
  type Opening,
  STREAM,
  streamViolation,
  type Window,
} from '../../entities/stream.js';
import { checkOptions, checkTimeout } from '../../entities/suggest.js';
import { counted } from '../../entities/text.js';
import { checkSchema, type StandardSchema, validated } from '../schemas.js';
import { ItemSender, type ItemSink, isItems } from './item-sender.js';
import { type ItemSource, ItemStream } from './item-stream.js';
import { type StreamConnection, sendCancel, sendCredit, sendEnd, sendItem } from './stream-connection.js';

/** The options of a call for a stream. */
export interface StreamOptions<BodyItem = unknown> {
  /** The body, which is sent along with the request: anything iterable, such as a generator, a Readable or an array. */
  body?: AsyncIterable<BodyItem> | Iterable<BodyItem> | ReadableStream<BodyItem> | undefined;
  /** Aborting the signal ends the stream with ERR_IPC_ABORTED. */
  signal?: AbortSignal | undefined;
  /**
   * How long `next()` waits for an item before it fails with ERR_IPC_TIMEOUT, in milliseconds, with or without a connection.
   * @default 0, which sets no limit
   */
  timeout?: number | undefined;
  /**
   * The flow-control window: how many items, and about how many bytes, may be sent before the consumer reads them. A number
   * means items.
   * @default 256 items and 1 MiB
   */
  highWaterMark?: number | Partial<Window> | undefined;
  /**
   * Whether the stream resumes after a lost connection: it continues after the last item that arrived, from the same run of
   * the handler. Default: false; the stream ends with ERR_IPC_DISCONNECTED.
   */
  resume?: boolean | undefined;
  /** With `resume`: how many lost connections the stream survives. @default Infinity */
  retries?: number | undefined;
  /** A Standard Schema for each item. The first item that does not match ends the stream with ERR_IPC_INVALID_OUTPUT. */
  output?: StandardSchema | undefined;
  /** Metadata that is sent beside the data, such as trace context; the handler finds it in `context.meta`. */
  meta?: Meta | undefined;
}

const OPTIONS = ['body', 'signal', 'timeout', 'highWaterMark', 'resume', 'retries', 'output', 'meta'];

const DEFAULT_WINDOW: Window = { items: 256, bytes: 1024 * 1024 };

/** @throws IPCError ERR_IPC_ARGUMENT */
export function checkStreamOptions(type: string, options: StreamOptions): void {
  const where = `stream(${JSON.stringify(type)}, ...)`;
  checkOptions(options, OPTIONS, where);
  const { body, signal, timeout, retries = 0, resume, output, meta } = options;
  if (body !== undefined && !isItems(body)) {
    throw wrong(`${where} takes a body that can be iterated, such as a generator, a Readable or an array`);
  }
  checkTimeout(timeout, where);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrong(`${where} takes an AbortSignal as its signal`);
  }
  if (resume !== undefined && typeof resume !== 'boolean') {
    throw wrong(`${where} takes true or false as resume`);
  }
  if (typeof retries !== 'number' || !(retries >= 0))
    throw wrong(`${where} takes a number of retries, from 0`);
  if (retries > 0 && resume !== true) {
    throw wrong(`${where} cannot be repeated from the start; set resume: true beside retries`);
  }
  if (meta !== undefined && !isMeta(meta)) throw wrong(`${where} takes an object as its meta`);
  checkSchema(output, `${where} { output }`);
  windowOf(options, where);
}

function wrong(what: string): IPCError {
  return new IPCError('ERR_IPC_ARGUMENT', `${what}.`);
}

function windowOf({ highWaterMark }: StreamOptions, where = 'stream()'): Window {
  const given =
    typeof highWaterMark === 'object' ? highWaterMark : { items: highWaterMark ?? DEFAULT_WINDOW.items };
  checkOptions(given, ['items', 'bytes'], `${where} { highWaterMark }`);
  const { items = DEFAULT_WINDOW.items, bytes = DEFAULT_WINDOW.bytes }: Partial<Window> = given;
  for (const most of [items, bytes]) {
    if (!Number.isSafeInteger(most) || most < 1) {
      throw wrong(`${where} takes a highWaterMark of at least 1: a number of items, or { items, bytes }`);
    }
  }
  return { items, bytes };
}

/** The part of the call table that a stream uses. */
export interface CallOwner<Call> {
  /** Sends a packet now or over the next connection; does nothing if there will be none. */
  sendIfPossible(packet: Packet): void;
  /** The consumer has left the stream, so the call has ended. */
  forget(call: Call): void;
  /** Sets a deadline for the call, in milliseconds from now; 0 removes it. */
  limit(call: Call, timeout: number): void;
}

/** The caller's side of a stream: the response as an {@link ItemStream}, and the body. */
export class CallStream<Call extends { readonly id: number; readonly timeout: number }>
  implements ItemSource, ItemSink
{
  readonly items: ItemStream;
  /** Whether the stream may resume over another connection. */
  readonly resumes: boolean;
  readonly timeout: number;
  /** When the call was made, in milliseconds of performance.now(). */
  readonly began = performance.now();
  readonly #owner: CallOwner<Call>;
  readonly #call: Call;
  readonly #type: string;
  readonly #data: unknown;
  readonly #meta: Meta | undefined;
  readonly #window: Window;
  readonly #body: ItemSender | undefined;
  /** How the body ended, to be sent again when the stream resumes. */
  #bodyEnd: { error: unknown; failed: boolean } | undefined;
  /** The connection over which the call was accepted; undefined before that and while the connection is lost. */
  #connection: StreamConnection | undefined;
  /** Whether the connection was lost and the other side must be told where to continue. */
  #resuming = false;
  /** Credit to be sent when there is a connection again. */
  #owed: { readonly seq: number; readonly window: Window } | undefined;
  #waits = false;

  constructor(owner: CallOwner<Call>, call: Call, type: string, data: unknown, options: StreamOptions) {
    this.#owner = owner;
    this.#call = call;
    this.#type = type;
    this.#data = data;
    this.#meta = options.meta;
    this.#window = windowOf(options);
    this.resumes = options.resume === true;
    this.timeout = options.timeout ?? 0;
    const { output, body } = options;
    const what = `An item of ${type} does not fit the schema`;
    const check =
      output && ((item: unknown) => validated(output, item, { code: 'ERR_IPC_INVALID_OUTPUT', what }));
    this.items = new ItemStream(this, this.#window, { granted: true, check });
    if (body !== undefined) this.#body = new ItemSender(body, this, this.resumes);
  }

  /** Whether the other side has accepted the call. */
  get accepted(): boolean {
    return this.#connection !== undefined;
  }

  /** The packet that opens the call or, after a lost connection, resumes it. */
  get packet(): Packet {
    this.#owed = undefined;
    const { items, bytes } = this.#resuming ? this.items.renew() : this.#window;
    const data: Opening = { type: this.#type, data: this.#data, items, bytes };
    if (this.#body !== undefined) data.body = true;
    if (this.resumes) data.resume = this.items.last;
    return withMeta({ type: STREAM, data, id: this.#call.id }, this.#meta);
  }

  get itemsWritten(): number {
    return this.#body?.seq ?? 0;
  }

  get bytesWritten(): number {
    return this.#body?.bytes ?? 0;
  }

  /**
   * Processes a packet about the call.
   * @throws IPCError ERR_IPC_PROTOCOL
   */
  take({ type, data, error }: Packet, connection: StreamConnection): void {
    if (this.#connection === undefined) this.#accept(connection);
    if (type === ITEM) {
      this.items.take(data as Item, error);
    } else if (type === CREDIT) this.#granted(data as Credit);
    else if (type === CANCEL) this.#body?.stop();
  }

  /** The call was answered successfully: the stream ends. */
  answered(data: unknown): void {
    const seq = (data as Ended | null | undefined)?.seq;
    this.#body?.stop();
    this.#release();
    if (seq === this.items.last) this.items.end();
    else {
      const said = isCount(seq) ? `after item ${seq}` : 'without its number of items';
      this.items.end(streamViolation(`it ended ${said} and not ${this.items.last}`));
    }
  }

  /** The call was answered with an error. */
  refused(error: unknown): void {
    this.#release();
    this.fail(error, false);
  }

  /** Ends the call with an error. `drops`: whether items that were not read yet are dropped. */
  fail(error: unknown, drops: boolean): void {
    this.#body?.stop();
    if (drops) this.items.abort(error);
    else this.items.end(error);
  }

  /** The other side need no longer remember how the stream ended. */
  #release(): void {
    if (this.resumes && this.#connection?.open) sendCancel(this.#connection, { id: this.#call.id });
  }

  /** Tells the other side, now or over the next connection, that the stream has ended. */
  cancel(): void {
    const call = { id: this.#call.id };
    if (this.#connection?.open) sendCancel(this.#connection, call);
    else if (this.#connection === undefined) this.#owner.sendIfPossible({ type: CANCEL, data: call });
  }

  /** The connection was lost; the stream may resume over another one. */
  lost(): void {
    this.#connection = undefined;
    this.#resuming = true;
    this.#body?.detach();
    this.#owner.limit(this.#call, this.#waits ? this.timeout : 0);
  }

  credit(seq: number, window: Window): void {
    if (this.#connection === undefined) this.#owed = { seq, window };
    else if (this.#connection.open) sendCredit(this.#connection, { id: this.#call.id }, seq, window);
  }

  left(): void {
    this.cancel();
    this.#body?.stop();
    this.#owner.forget(this.#call);
  }

  waits(waits: boolean): void {
    this.#waits = waits;
    const { timeout } = this;
    if (timeout === 0) return;
    // Until the call is accepted, it has a limit already, which is not extended.
    const opening = this.#connection === undefined && !this.#resuming;
    if (opening && (!waits || (this.#call.timeout > 0 && this.#call.timeout < timeout))) return;
    this.#owner.limit(this.#call, waits ? timeout : 0);
  }

  get congested(): boolean {
    return this.#connection?.congested === true;
  }

  drained(callback: () => void): void {
    this.#connection?.drained(callback);
  }

  send(seq: number, item: unknown, full: boolean): void {
    if (this.#connection?.open) sendItem(this.#connection, { id: this.#call.id }, seq, item, full);
  }

  ended(error: unknown, failed: boolean): void {
    this.#bodyEnd = { error, failed };
    this.#endBody();
  }

  #endBody(): void {
    if (this.#bodyEnd === undefined || this.#connection?.open !== true) return;
    const { error, failed } = this.#bodyEnd;
    sendEnd(this.#connection, { id: this.#call.id }, this.itemsWritten, error, failed);
  }

  /** The other side has accepted the call. From now on, only waiting for an item has a time limit. */
  #accept(connection: StreamConnection): void {
    this.#connection = connection;
    this.#owner.limit(this.#call, this.#waits ? this.timeout : 0);
    const owed = this.#owed;
    this.#owed = undefined;
    if (owed !== undefined) this.credit(owed.seq, owed.window);
  }

  #granted({ seq, items, bytes }: Credit): void {
    const body = this.#body;
    if (body === undefined) {
      if (seq !== 0) throw streamViolation('it granted credit for a body that does not exist');
      return;
    }
    if (!this.#resuming) {
      body.grant(seq, items, bytes);
      return;
    }
    this.#resuming = false;
    body.attach(seq, { items, bytes });
    this.#endBody();
  }
}

/** The error of a stream whose connection was lost. */
export function lostStream(type: string, items: number, cause: IPCError): IPCError {
  const message = `The connection was lost after ${counted(items, 'item')} of the stream ${type}; use resume: true to have streams continue.`;
  return new IPCError('ERR_IPC_DISCONNECTED', message, { cause });
}
