import { IPCError } from '../../entities/errors.js';
import { fromPacketError, type Packet, type PacketId } from '../../entities/packet.js';
import { observed, type Side } from '../observe.js';
import { offAbort, onAbort } from './aborts.js';

/** How a request is made. */
export interface RequestOptions {
  /** Milliseconds until ERR_IPC_TIMEOUT; 0 waits forever. Default: `config.requestTimeout`. */
  timeout?: number | undefined;
  /** Aborting it rejects the request with ERR_IPC_ABORTED. */
  signal?: AbortSignal | undefined;
  /** How often the request is sent again after a lost connection; its handler runs once all the same. Default: 0. */
  retries?: number | undefined;
}

/** A longer timeout than any timer can wait, as Infinity, is none. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface Open {
  readonly packet: Packet;
  readonly resolve: (data: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly abort: (() => void) | undefined;
  readonly timer: NodeJS.Timeout | undefined;
  readonly since: number;
  /** Who alone may answer, where others could. */
  readonly to: unknown;
  retries: number;
  /** Whether its connection was lost. */
  lost: boolean;
}

/**
 * What has been asked and not been answered yet. Each request ends exactly once: answered, refused, timed out, aborted, or
 * rejected because its connection is gone; nothing of it stays behind.
 */
export class Requests {
  /** Called when the last open request has been settled. */
  onIdle: (() => void) | undefined;
  readonly #side: Side;
  readonly #send: (packet: Packet) => boolean;
  readonly #open = new Map<PacketId, Open>();
  #last = 0;

  /** `send` returns whether the packet was taken. */
  constructor(side: Side, send: (packet: Packet) => boolean) {
    this.#side = side;
    this.#send = send;
  }

  get size(): number {
    return this.#open.size;
  }

  has(id: PacketId): boolean {
    return this.#open.has(id);
  }

  /** Asks; resolves with the answer's data, rejects with an IPCError. */
  ask(
    type: string,
    data: unknown,
    timeout: number,
    { signal, retries = 0 }: RequestOptions,
    send = this.#send,
    to?: unknown,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(aborted(type, signal));
        return;
      }
      const id = ++this.#last;
      const packet = { type, data, id };
      const abort = signal && (() => this.#fail(id, aborted(type, signal)));
      if (abort !== undefined) onAbort(signal as AbortSignal, abort);
      const late = () => this.#fail(id, timedOut(type, timeout));
      const timer = timeout > 0 && timeout <= LONGEST_TIMER ? setTimeout(late, timeout) : undefined;
      const since = performance.now();
      this.#open.set(id, { packet, resolve, reject, signal, abort, timer, since, to, retries, lost: false });
      if (observed.request.hasSubscribers) this.#tell(packet, 'open', since);
      try {
        if (!send(packet)) this.#fail(id, notSent(type));
      } catch (error) {
        this.#fail(id, error);
      }
    });
  }

  /** Takes an answer; one to nothing that is open, or from somebody else than was asked, is ignored. */
  settle({ re, data, error }: Packet, from?: unknown): void {
    if (from !== undefined && !this.#mayAnswer(re as PacketId, from)) return;
    if (error !== undefined && error !== null) {
      this.#fail(re as PacketId, fromPacketError(error));
      return;
    }
    const open = this.#take(re as PacketId);
    if (open === undefined) return;
    if (observed.request.hasSubscribers) this.#tell(open.packet, 'done', open.since);
    open.resolve(data);
  }

  /** The connection is gone: rejects what `sent` says went out with it, unless it may be sent again. */
  lost(error: IPCError, sent: (id: PacketId) => boolean = () => true): void {
    for (const [id, open] of this.#open) {
      if (!sent(id)) continue;
      if (open.retries > 0) {
        open.retries--;
        open.lost = true;
      } else this.#fail(id, error);
    }
  }

  /** The packets of the requests that were lost and are to be sent again, the oldest first. */
  takeLost(): Packet[] {
    const packets: Packet[] = [];
    for (const open of this.#open.values()) {
      if (open.lost) packets.push(open.packet);
      open.lost = false;
    }
    return packets;
  }

  /** Rejects everything. */
  end(error: IPCError): void {
    for (const id of this.#open.keys()) this.#fail(id, error);
  }

  #mayAnswer(id: PacketId, from: unknown): boolean {
    const to = this.#open.get(id)?.to;
    return to === undefined || to === from;
  }

  #fail(id: PacketId, error: unknown): void {
    const open = this.#take(id);
    if (open === undefined) return;
    if (observed.request.hasSubscribers) this.#tell(open.packet, 'failed', open.since, error);
    open.reject(error);
  }

  #take(id: PacketId): Open | undefined {
    const open = this.#open.get(id);
    if (open === undefined) return undefined;
    this.#open.delete(id);
    clearTimeout(open.timer);
    if (open.abort !== undefined) offAbort(open.signal as AbortSignal, open.abort);
    if (this.#open.size === 0) this.onIdle?.();
    return open;
  }

  #tell({ type, id }: Packet, state: 'open' | 'done' | 'failed', since: number, error?: unknown): void {
    const milliseconds = performance.now() - since;
    observed.request.publish({ side: this.#side, type, id, state, milliseconds, error });
  }
}

function aborted(type: string, signal: AbortSignal): IPCError {
  return new IPCError('ERR_IPC_ABORTED', `The request ${type} was aborted.`, { cause: signal.reason });
}

function timedOut(type: string, timeout: number): IPCError {
  const message = `No answer to the request ${type} came within ${timeout} ms; is there a handler, and is it fast enough?`;
  return new IPCError('ERR_IPC_TIMEOUT', message);
}

function notSent(type: string): IPCError {
  return new IPCError('ERR_IPC_UNSENT', `The request ${type} was not taken; the event 'error' says why.`);
}
