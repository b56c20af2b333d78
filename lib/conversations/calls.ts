import type { IPCError } from '../../entities/errors.js';
import { fromPacketError, type Packet, type PacketId } from '../../entities/packet.js';
import type { CallReference } from '../../entities/stream.js';
import type { OpenRequest } from '../inspection.js';
import { observed, type Side } from '../observe.js';
import { Snapshot } from '../snapshot.js';
import { offAbort, onAbort } from './aborts.js';
import {
  aborted,
  Call,
  type CallDetails,
  copyOf,
  notSent,
  type Settle,
  timedOut,
  type Waiting,
} from './call.js';
import {
  type CallOwner,
  CallStream,
  checkStreamOptions,
  lostStream,
  type StreamOptions,
} from './call-stream.js';
import { CallTable } from './call-table.js';
import { Deadlines } from './deadlines.js';
import type { ItemStream } from './item-stream.js';
import { checkRequestOptions, NO_OPTIONS, type RequestOptions } from './request-options.js';
import { refuse, responseTo } from './response.js';
import type { StreamConnection } from './stream-connection.js';

/** How a call is sent, if the table has calls to several peers. */
export interface Route {
  /** @returns whether the packet was accepted */
  send(packet: Packet): boolean;
  /** The only peer that may answer, if others could. */
  readonly answerer?: unknown;
}

/**
 * The open calls of one side: requests, which are answered once, and streams, whose answer is their end. Each call ends
 * exactly once (answered, refused, timed out, aborted, or rejected because its connection was lost) and leaves nothing
 * behind.
 */
export class Calls implements CallOwner<Call> {
  /** Called when the last open call has ended. */
  onIdle: (() => void) | undefined;
  /** Called with the id of each call that has ended. */
  onClosed: ((id: number) => void) | undefined;
  /** Called when a call has failed because it was not answered in time. */
  onExpired: (() => void) | undefined;
  /** Says what a call waits for that was not sent to the other side; returns undefined if it was sent. */
  waitsFor: ((call: Call) => Waiting | undefined) | undefined;
  /** Called before a stream is sent that may resume over another connection. */
  onResumable: (() => void) | undefined;
  readonly #side: Side;
  readonly #lostStream: typeof lostStream;
  readonly #send: (packet: Packet) => boolean;
  readonly #open = new CallTable<Call>();
  readonly #deadlines = new Deadlines<Call>((call) => this.#expired(call));

  /**
   * @param send returns whether the packet was accepted
   * @param lost creates the error of a stream whose connection was lost
   */
  constructor(side: Side, send: (packet: Packet) => boolean, lost: typeof lostStream = lostStream) {
    this.#side = side;
    this.#send = send;
    this.#lostStream = lost;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Whether any call was made. */
  get asked(): boolean {
    return this.#open.used;
  }

  /** The open calls, the oldest first. */
  get open(): OpenRequest[] {
    const now = performance.now();
    return this.#open.entries().map(({ id, type, began, stream }) => {
      const kind = stream === undefined ? 'request' : 'stream';
      return { id, type, kind, milliseconds: now - began };
    });
  }

  has(id: PacketId): boolean {
    return this.#open.get(id) !== undefined;
  }

  /** Sends a request; resolves with the answer's data, rejects with an IPCError. An unhandled rejection is suppressed. */
  ask(
    type: string,
    data: unknown,
    timeout: number,
    options: RequestOptions = NO_OPTIONS,
    route?: Route,
  ): Promise<unknown> {
    if (options !== NO_OPTIONS) checkRequestOptions(type, options);
    const { signal, retries = 0, output, meta } = options;
    const to = route?.answerer;
    const special = options !== NO_OPTIONS || to !== undefined;
    const details: CallDetails | undefined = special ? { retries, lost: false, signal, to } : undefined;
    const call = new Call(this.#open.next(), type, timeout, performance.now(), details);
    const response = responseTo(call, output);
    if (this.#begin(call)) {
      try {
        const packet: Packet = { type, data: retries > 0 ? new Snapshot(data).value : data, id: call.id };
        if (meta !== undefined) packet.meta = meta;
        if (details !== undefined && retries > 0) details.packet = packet;
        if (!this.#pass(packet, route)) this.#fail(call, notSent('request', type));
      } catch (error) {
        this.#fail(call, error);
      }
    }
    return response;
  }

  /**
   * Calls for a stream.
   * @param timeout how long the other side may take to accept the call, in milliseconds
   * @throws IPCError ERR_IPC_ARGUMENT
   */
  stream(type: string, data: unknown, timeout: number, options: StreamOptions, route?: Route): ItemStream {
    checkStreamOptions(type, options);
    const { signal, resume } = options;
    if (resume === true) this.onResumable?.();
    const retries = resume === true ? (options.retries ?? Number.POSITIVE_INFINITY) : 0;
    const details: CallDetails = { retries, lost: false, signal };
    const call = new Call(this.#open.next(), type, timeout, performance.now(), details);
    const kept = retries > 0 ? new Snapshot(data).value : data;
    const stream = new CallStream(this, call, type, kept, options);
    details.stream = stream;
    if (this.#begin(call)) {
      try {
        if (!this.#pass(stream.packet, route)) this.#fail(call, notSent('stream', type));
      } catch (error) {
        this.#fail(call, error);
      }
    }
    return stream.items;
  }

  /**
   * Processes an answer. It is ignored if the call is not open, or if another peer was asked.
   * @returns whether the call is open
   */
  settle({ re, data, error }: Partial<Packet>, from?: unknown): boolean {
    const call = this.#open.get(re);
    if (call === undefined) return false;
    const { details } = call;
    if (from !== undefined && details?.to !== undefined && details.to !== from) return true;
    if (error !== undefined && error !== null) {
      this.#refused(call, fromPacketError(error));
      return true;
    }
    this.#close(call);
    if (observed.request.hasSubscribers) this.#publish(call, 'done');
    if (details?.stream === undefined) (call.resolve as Settle)(data);
    else details.stream.answered(data);
    return true;
  }

  /**
   * Processes a packet about a stream. It is ignored if the call is not open, since it may be late.
   * @throws IPCError ERR_IPC_PROTOCOL on a protocol violation
   */
  take(packet: Packet, connection: StreamConnection): void {
    const stream = this.#open.get((packet.data as CallReference).re)?.stream;
    if (stream !== undefined) stream.take(packet, connection);
  }

  /**
   * The connection was lost: rejects the calls that were sent over it, according to `sent`, unless they may be sent again.
   */
  lost(error: IPCError, sent: (id: PacketId) => boolean = () => true): void {
    for (const call of this.#open.entries()) {
      if (!sent(call.id)) continue;
      const { details } = call;
      if (details !== undefined && details.retries > 0) {
        details.retries--;
        details.lost = true;
        details.stream?.lost();
      } else if (call.stream === undefined) this.#fail(call, copyOf(error));
      else this.#fail(call, this.#lostStream(call.type, call.stream.items.last, error));
    }
  }

  /** The packets of the lost calls that are to be sent again, the oldest first. */
  takeLost(): Packet[] {
    const packets: Packet[] = [];
    for (const { details } of this.#open.entries()) {
      if (details?.lost !== true) continue;
      details.lost = false;
      packets.push(details.stream?.packet ?? (details.packet as Packet));
    }
    return packets;
  }

  /** Rejects all calls. */
  end(error: IPCError): void {
    for (const call of this.#open.entries()) {
      const { type, stream } = call;
      const lost = stream !== undefined && error.code === 'ERR_IPC_DISCONNECTED';
      this.#fail(call, lost ? this.#lostStream(type, stream.items.last, error) : copyOf(error));
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
      // This side has ended for good; there is nobody left to tell.
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
    call.since = performance.now();
    if (timeout > 0 && this.#open.get(call.id) === call) this.#deadlines.add(call, timeout);
  }

  #pass(packet: Packet, route: Route | undefined): boolean {
    return route === undefined ? this.#send(packet) : route.send(packet);
  }

  /** Opens a call, unless its signal is aborted already. */
  #begin(call: Call): boolean {
    const { details } = call;
    const signal = details?.signal;
    this.#open.add(call);
    if (observed.request.hasSubscribers && signal?.aborted !== true) this.#publish(call, 'open');
    if (details !== undefined && signal !== undefined) {
      if (signal.aborted) {
        this.#aborted(call, false);
        return false;
      }
      details.abort = () => this.#aborted(call, true);
      onAbort(signal, details.abort);
    }
    this.#deadlines.add(call, call.timeout);
    return true;
  }

  #aborted(call: Call, sent: boolean): void {
    if (sent) call.stream?.cancel();
    this.#fail(call, aborted(call), true);
  }

  #expired(call: Call): void {
    call.stream?.cancel();
    this.#fail(call, timedOut(call, this.waitsFor?.(call)));
    this.onExpired?.();
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
    refuse(call, error);
  }

  #close(call: Call): void {
    this.#open.delete(call);
    this.#deadlines.remove(call);
    const abort = call.details?.abort;
    if (abort !== undefined) offAbort(call.details?.signal as AbortSignal, abort);
    this.onClosed?.(call.id);
    if (this.#open.size === 0) this.onIdle?.();
  }

  #publish({ type, id, began, stream }: Call, state: 'open' | 'done' | 'failed', error?: unknown): void {
    const milliseconds = performance.now() - began;
    const reader = stream && { stream: stream.items };
    observed.request.publish({ side: this.#side, type, id, state, milliseconds, error, ...reader });
  }
}
