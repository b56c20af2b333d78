import { IPCError } from '../../entities/errors.js';
import { fromPacketError, type Packet, type PacketId } from '../../entities/packet.js';
import type { CallReference } from '../../entities/stream.js';
import type { OpenRequest } from '../inspection.js';
import { observed, type Side } from '../observe.js';
import { checkSchema, type StandardSchema, validated } from '../schemas.js';
import { Snapshot } from '../snapshot.js';
import { offAbort, onAbort } from './aborts.js';
import {
  type CallOwner,
  CallStream,
  checkStreamOptions,
  lostStream,
  type StreamOptions,
} from './call-stream.js';
import { CallTable } from './call-table.js';
import { Deadlines, type Due, type DueQueue } from './deadlines.js';
import type { ItemStream } from './item-stream.js';
import type { StreamConnection } from './stream-connection.js';

/** How a request is made. */
export interface RequestOptions {
  /** Milliseconds until ERR_IPC_TIMEOUT; 0 waits forever. Default: `config.requestTimeout`. */
  timeout?: number | undefined;
  /** Aborting it rejects the request with ERR_IPC_ABORTED. */
  signal?: AbortSignal | undefined;
  /** How often the request is sent again after a lost connection; its handler runs once all the same. Default: 0. */
  retries?: number | undefined;
  /** A Standard Schema that the response must fit (ERR_IPC_INVALID_OUTPUT); the request resolves with its output. */
  output?: StandardSchema | undefined;
}

const OPTIONS = ['timeout', 'signal', 'retries', 'output'];

/** What most requests are made with. */
const NO_OPTIONS: RequestOptions = Object.freeze({});

/** @throws IPCError ERR_IPC_ARGUMENT */
function checkOptions(type: string, options: RequestOptions): void {
  const where = `request(${JSON.stringify(type)}, ...)`;
  for (const key in options) {
    if (OPTIONS.includes(key)) continue;
    const message = `${where} has no option ${JSON.stringify(key)}; its options are ${OPTIONS.join(', ')}.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  const { timeout = 0, retries = 0, signal, output } = options;
  if (typeof timeout !== 'number' || !(timeout >= 0)) {
    const message = `${where} takes a timeout in milliseconds, from 0 (which waits forever).`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  if (typeof retries !== 'number' || !(retries >= 0)) {
    throw new IPCError('ERR_IPC_ARGUMENT', `${where} takes a number of retries, from 0.`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new IPCError('ERR_IPC_ARGUMENT', `${where} takes an AbortSignal as its signal.`);
  }
  checkSchema(output, `${where} { output }`);
}

type Settle = (value: unknown) => void;

/** Something asked that has not been answered yet: a request, or a stream. */
class Call implements Due {
  due = 0;
  queue: DueQueue | undefined = undefined;
  earlier: Due | undefined = undefined;
  later: Due | undefined = undefined;
  readonly id: number;
  readonly type: string;
  /** How long its deadline is just now, in milliseconds. */
  timeout: number;
  retries: number;
  /** Whether its connection was lost. */
  lost = false;
  readonly since: number;
  /** Who alone may answer, where others could. */
  readonly to: unknown;
  readonly signal: AbortSignal | undefined;
  abort: (() => void) | undefined = undefined;
  /** What is sent again after a lost connection, where it is. */
  packet: Packet | undefined = undefined;
  stream: CallStream<Call> | undefined = undefined;
  resolve: Settle | undefined = undefined;
  reject: Settle | undefined = undefined;
  /** What the caller waits for. */
  response: Promise<unknown> | undefined = undefined;

  constructor(
    id: number,
    type: string,
    timeout: number,
    retries: number,
    signal: AbortSignal | undefined,
    since: number,
    to: unknown,
  ) {
    this.id = id;
    this.type = type;
    this.timeout = timeout;
    this.retries = retries;
    this.signal = signal;
    this.since = since;
    this.to = to;
  }
}

let resolveNext: Settle;
let rejectNext: Settle;

/** Takes a promise's two functions without a closure for each promise. */
function capture(resolve: Settle, reject: Settle): void {
  resolveNext = resolve;
  rejectNext = reject;
}

/**
 * What the caller awaits. It is an async function for the sake of its failures: V8 knows who awaits it, so that the stack of an
 * error shows the code that asked, as long as nobody else listens: that nobody need do so is said right after the failure.
 */
async function responseTo(call: Call, settled: Promise<unknown>): Promise<unknown> {
  try {
    return await settled;
  } catch (error) {
    if (error instanceof Error) Error.captureStackTrace(error);
    queueMicrotask(() => call.response?.catch(ignore));
    throw error;
  }
}

async function checkedResponseTo(
  call: Call,
  settled: Promise<unknown>,
  schema: StandardSchema,
): Promise<unknown> {
  const what = `The response to ${call.type} does not fit the schema`;
  try {
    return await validated(schema, await settled, { code: 'ERR_IPC_INVALID_OUTPUT', what });
  } catch (error) {
    if (error instanceof Error) Error.captureStackTrace(error);
    queueMicrotask(() => call.response?.catch(ignore));
    throw error;
  }
}

function ignore(): void {}

/**
 * What has been asked and not been answered yet: requests, which are answered once, and streams, whose answer is their end.
 * Each ends exactly once: answered, refused, timed out, aborted, or rejected because its connection is gone; nothing of it stays
 * behind.
 */
export class Calls implements CallOwner<Call> {
  /** Called when the last open call has been settled. */
  onIdle: (() => void) | undefined;
  readonly #side: Side;
  readonly #send: (packet: Packet) => boolean;
  readonly #open = new CallTable<Call>();
  readonly #deadlines = new Deadlines<Call>((call) => this.#expired(call));

  /** `send` returns whether the packet was taken. */
  constructor(side: Side, send: (packet: Packet) => boolean) {
    this.#side = side;
    this.#send = send;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Whether anything has been asked yet. */
  get asked(): boolean {
    return this.#open.used;
  }

  /** What is open, the oldest first. */
  get open(): OpenRequest[] {
    const now = performance.now();
    return this.#open.entries().map(({ id, type, since, stream }) => {
      const kind = stream === undefined ? 'request' : 'stream';
      return { id, type, kind, milliseconds: now - since };
    });
  }

  has(id: PacketId): boolean {
    return this.#open.get(id) !== undefined;
  }

  /** Asks; resolves with the answer's data, rejects with an IPCError. It may go without listeners. */
  ask(
    type: string,
    data: unknown,
    timeout: number,
    options: RequestOptions = NO_OPTIONS,
    send = this.#send,
    to?: unknown,
  ): Promise<unknown> {
    if (options !== NO_OPTIONS) checkOptions(type, options);
    const { signal, retries = 0, output } = options;
    const now = performance.now();
    const call = new Call(this.#open.next(), type, timeout, retries, signal, now, to);
    const settled = new Promise(capture);
    const response =
      output === undefined ? responseTo(call, settled) : checkedResponseTo(call, settled, output);
    call.resolve = resolveNext;
    call.reject = rejectNext;
    call.response = response;
    if (this.#begin(call)) {
      try {
        const packet = { type, data: retries > 0 ? new Snapshot(data).value : data, id: call.id };
        if (retries > 0) call.packet = packet;
        if (!send(packet)) this.#fail(call, notSent('request', type));
      } catch (error) {
        this.#fail(call, error);
      }
    }
    return response;
  }

  /**
   * Calls for a stream.
   * @param timeout milliseconds within which the other side must accept
   * @param checked is called when the options have been found right, before anything is sent
   * @throws IPCError ERR_IPC_ARGUMENT
   */
  stream(
    type: string,
    data: unknown,
    timeout: number,
    options: StreamOptions,
    checked?: () => void,
  ): ItemStream {
    checkStreamOptions(type, options);
    checked?.();
    const { signal, resume } = options;
    const retries = resume === true ? (options.retries ?? Number.POSITIVE_INFINITY) : 0;
    const now = performance.now();
    const call = new Call(this.#open.next(), type, timeout, retries, signal, now, undefined);
    const kept = retries > 0 ? new Snapshot(data).value : data;
    const stream = new CallStream(this, call, type, kept, options);
    call.stream = stream;
    if (this.#begin(call)) {
      try {
        if (!this.#send(stream.packet)) this.#fail(call, notSent('stream', type));
      } catch (error) {
        this.#fail(call, error);
      }
    }
    return stream.items;
  }

  /** Takes an answer; one to nothing that is open, or from somebody else than was asked, is ignored. */
  settle({ re, data, error }: Packet, from?: unknown): void {
    const call = this.#open.get(re);
    if (call === undefined || (from !== undefined && call.to !== undefined && call.to !== from)) return;
    if (error !== undefined && error !== null) {
      this.#refused(call, fromPacketError(error));
      return;
    }
    this.#close(call);
    if (observed.request.hasSubscribers) this.#publish(call, 'done');
    if (call.stream === undefined) (call.resolve as Settle)(data);
    else call.stream.answered(data);
  }

  /**
   * Takes a packet about a stream; one about nothing that is open is late, and is ignored.
   * @throws IPCError ERR_IPC_PROTOCOL where the other side breaks the rules
   */
  take(packet: Packet, connection: StreamConnection): void {
    const stream = this.#open.get((packet.data as CallReference).re)?.stream;
    if (stream !== undefined) stream.take(packet, connection);
  }

  /** The connection is gone: rejects what `sent` says went out with it, unless it may be sent again. */
  lost(error: IPCError, sent: (id: PacketId) => boolean = () => true): void {
    for (const call of this.#open.entries()) {
      if (!sent(call.id)) continue;
      if (call.retries > 0) {
        call.retries--;
        call.lost = true;
        call.stream?.lost();
      } else if (call.stream === undefined) this.#fail(call, copyOf(error));
      else this.#fail(call, lostStream(call.type, call.stream.items.last, error));
    }
  }

  /** The packets of the calls that were lost and are to be sent again, the oldest first. */
  takeLost(): Packet[] {
    const packets: Packet[] = [];
    for (const call of this.#open.entries()) {
      if (!call.lost) continue;
      call.lost = false;
      packets.push(call.stream?.packet ?? (call.packet as Packet));
    }
    return packets;
  }

  /** Rejects everything. */
  end(error: IPCError): void {
    for (const call of this.#open.entries()) {
      const { type, stream } = call;
      const lost = stream !== undefined && error.code === 'ERR_IPC_DISCONNECTED';
      this.#fail(call, lost ? lostStream(type, stream.items.last, error) : copyOf(error));
    }
    this.#deadlines.stop();
  }

  /** Ends the streams, and tells the other side. */
  endStreams(error: IPCError): void {
    for (const call of this.#open.entries()) {
      if (call.stream === undefined) continue;
      call.stream.cancel();
      this.#fail(call, copyOf(error));
    }
  }

  sendIfPossible(packet: Packet): void {
    try {
      this.#send(packet);
    } catch {
      // There is nobody left to tell.
    }
  }

  forget(call: Call): void {
    if (this.#open.get(call.id) !== call) return;
    this.#close(call);
    if (observed.request.hasSubscribers) this.#publish(call, 'done');
  }

  limit(call: Call, timeout: number): void {
    this.#deadlines.remove(call);
    call.timeout = timeout;
    if (timeout > 0 && this.#open.get(call.id) === call)
      this.#deadlines.add(call, timeout, performance.now());
  }

  /** Opens a call, unless it is aborted already. */
  #begin(call: Call): boolean {
    const { signal } = call;
    this.#open.add(call);
    if (observed.request.hasSubscribers && signal?.aborted !== true) this.#publish(call, 'open');
    if (signal !== undefined) {
      if (signal.aborted) {
        this.#aborted(call, false);
        return false;
      }
      call.abort = () => this.#aborted(call, true);
      onAbort(signal, call.abort);
    }
    this.#deadlines.add(call, call.timeout, call.since);
    return true;
  }

  #aborted(call: Call, sent: boolean): void {
    if (sent) call.stream?.cancel();
    this.#fail(call, aborted(call), true);
  }

  #expired(call: Call): void {
    call.stream?.cancel();
    this.#fail(call, timedOut(call));
  }

  #refused(call: Call, error: unknown): void {
    call.stream?.refused(error);
    this.#fail(call, error);
  }

  #fail(call: Call, error: unknown, drops = false): void {
    if (this.#open.get(call.id) !== call) return;
    this.#close(call);
    if (observed.request.hasSubscribers) this.#publish(call, 'failed', error);
    if (call.stream !== undefined) {
      call.stream.fail(error, drops);
      return;
    }
    (call.reject as Settle)(error);
  }

  #close(call: Call): void {
    this.#open.delete(call);
    this.#deadlines.remove(call);
    if (call.abort !== undefined) offAbort(call.signal as AbortSignal, call.abort);
    if (this.#open.size === 0) this.onIdle?.();
  }

  #publish({ type, id, since }: Call, state: 'open' | 'done' | 'failed', error?: unknown): void {
    const milliseconds = performance.now() - since;
    observed.request.publish({ side: this.#side, type, id, state, milliseconds, error });
  }
}

/** Each caller gets an error of its own, as each has a stack of its own. */
function copyOf(error: IPCError): IPCError {
  return new IPCError(error.code, error.message, error.cause === undefined ? {} : { cause: error.cause });
}

function kindOf(call: Call): string {
  return call.stream === undefined ? 'request' : 'stream';
}

function aborted(call: Call): IPCError {
  const message = `The ${kindOf(call)} ${call.type} was aborted.`;
  return new IPCError('ERR_IPC_ABORTED', message, { cause: call.signal?.reason });
}

function timedOut({ type, timeout, stream }: Call): IPCError {
  const limit = `${Math.round(timeout * 1000) / 1000} ms`;
  let message = `No answer to the request ${type} came within ${limit}; is there a handler, and is it fast enough?`;
  if (stream?.accepted === true) message = `No item of the stream ${type} came within ${limit}.`;
  else if (stream !== undefined) {
    message = `The stream ${type} was not accepted within ${limit}; does the other side know streams?`;
  }
  return new IPCError('ERR_IPC_TIMEOUT', message);
}

function notSent(kind: string, type: string): IPCError {
  return new IPCError('ERR_IPC_UNSENT', `The ${kind} ${type} was not taken; the event 'error' says why.`);
}
