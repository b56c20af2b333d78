import { inspect } from '../../entities/inspect.js';
import type { Window } from '../../entities/stream.js';
import { isCount, streamViolation } from '../../entities/stream.js';
import { ignore } from '../faults.js';
import { Snapshot } from '../snapshot.js';
import { isThenable } from '../thenable.js';
import { itemSize } from './item-size.js';

/** Where an {@link ItemSender} sends its items. */
export interface ItemSink {
  /** Whether so much is queued that items should wait. */
  readonly congested: boolean;
  /** Calls back when `congested` has become false, or the connection has ended. */
  drained(callback: () => void): void;
  /**
   * Sends an item.
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(seq: number, item: unknown, full: boolean): void;
  /** There are no further items, or there is an error instead; nothing follows. */
  ended(error: unknown, failed: boolean): void;
}

/** The maximum credit that is honoured. A peer that grants more without reading would only fill our queues. */
const MOST: Window = { items: 4096, bytes: 16 * 1024 * 1024 };

interface Sent {
  readonly seq: number;
  readonly size: number;
  /** A copy of the item, if it may have to be sent again. */
  readonly copy: Snapshot | undefined;
}

/** Sends the items of an iterator within the credit of the other side. It does not read ahead of the credit. */
export class ItemSender {
  /** The number of the last item that was sent. */
  seq = 0;
  /** The total size of the sent items, in bytes. */
  bytes = 0;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #destroy: (() => void) | undefined;
  readonly #sink: ItemSink;
  /** Whether items are kept until the other side has acknowledged them. */
  readonly #keeps: boolean;
  readonly #check: ((item: unknown) => unknown) | undefined;
  /** Items that were sent but not acknowledged, the oldest first. */
  #outstanding: Sent[] = [];
  #outstandingBytes = 0;
  /** The last item that the credit permits, and how many bytes may be unacknowledged. */
  #limit = 0;
  #bytes = 0;
  /** The number of the last acknowledged item. */
  #taken = 0;
  #wake: (() => void) | undefined;
  #started = false;
  #stopped = false;
  #over = false;
  /** Whether there is no connection, so that nothing may be sent. */
  #detached = false;
  readonly #go = () => {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  };

  /**
   * @param items an iterable or async iterable
   * @param check validates and converts an item, or throws; it may be async
   */
  constructor(items: unknown, sink: ItemSink, keeps: boolean, check?: (item: unknown) => unknown) {
    this.#iterator = iteratorOf(items);
    this.#destroy = destroyerOf(items);
    this.#sink = sink;
    this.#keeps = keeps;
    this.#check = check;
  }

  /** How many bytes are kept until the other side acknowledges them. */
  get keptBytes(): number {
    return this.#keeps ? this.#outstandingBytes : 0;
  }

  /**
   * The other side acknowledges the items up to `seq` and grants credit beyond that.
   * @throws IPCError ERR_IPC_PROTOCOL if the values are invalid
   */
  grant(seq: unknown, items: unknown, bytes: unknown): void {
    if (!isCount(seq) || !isCount(items) || !isCount(bytes))
      throw streamViolation('a credit is not a number');
    if (seq > this.seq) throw streamViolation(`item ${seq} was taken before it was sent`);
    this.#forget(seq);
    this.#limit = seq + Math.min(items, MOST.items);
    this.#bytes = Math.min(bytes, MOST.bytes);
    if (this.#stopped || this.#over) return;
    if (!this.#started) {
      if (!this.#ready) return;
      this.#started = true;
      void this.#run();
    } else this.#go();
  }

  /** The connection was lost, but the stream may resume: nothing is sent until {@link attach}. */
  detach(): void {
    this.#detached = true;
  }

  /** The stream resumes over another connection: sends all unacknowledged items again. */
  attach(seq: unknown, credit: Window): void {
    if (!isCount(seq)) throw streamViolation('a credit is not a number');
    if (seq > this.seq || seq < this.#taken) {
      throw streamViolation(`it resumes after item ${seq}, which was not sent or is no longer kept`);
    }
    this.#forget(seq);
    this.#detached = false;
    for (let i = 0; i < this.#outstanding.length; i++) {
      const { seq: number, copy } = this.#outstanding[i] as Sent;
      this.#sink.send(number, (copy as Snapshot).value, i === this.#outstanding.length - 1);
    }
    this.grant(seq, credit.items, credit.bytes);
  }

  /** Nobody wants further items: closes the iterator and stops sending. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#outstanding = [];
    this.#outstandingBytes = 0;
    if (!this.#over) this.#close();
    this.#over = true;
    this.#go();
  }

  /** Whether another item may be sent. */
  get #ready(): boolean {
    return !this.#detached && this.seq < this.#limit && this.#outstandingBytes < this.#bytes;
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        while (!this.#stopped && !this.#ready) await this.#woken();
        while (!this.#stopped && !this.#detached && this.#sink.congested) await this.#drained();
        if (this.#stopped) return;
        const result = await this.#iterator.next();
        if (this.#stopped) return;
        if (Object(result) !== result) throw notResult(result);
        const { done, value } = result;
        if (done === true) break;
        if (!(await this.#send(value))) return;
      }
      this.#finish(undefined, false);
    } catch (error) {
      if (!this.#stopped) this.#finish(error, true);
    }
  }

  /** Sends an item. If it is invalid or cannot be sent, closes the iterator and ends with the error. */
  async #send(value: unknown): Promise<boolean> {
    try {
      const checked = this.#check?.(value);
      const item = this.#check === undefined ? value : isThenable(checked) ? await checked : checked;
      if (this.#stopped) return false;
      this.#push(item);
      return true;
    } catch (error) {
      if (this.#stopped) return false;
      this.#close();
      this.#finish(error, true);
      return false;
    }
  }

  #push(item: unknown): void {
    const copy = this.#keeps ? new Snapshot(item) : undefined;
    const size = itemSize(item);
    this.seq++;
    this.#outstandingBytes += size;
    try {
      if (!this.#detached) this.#sink.send(this.seq, item, !this.#ready);
    } catch (error) {
      this.seq--;
      this.#outstandingBytes -= size;
      throw error;
    }
    this.#outstanding.push({ seq: this.seq, size, copy });
    this.bytes += size;
  }

  #finish(error: unknown, failed: boolean): void {
    this.#over = true;
    this.#sink.ended(error, failed);
  }

  /** Removes acknowledged items. */
  #forget(seq: number): void {
    if (seq <= this.#taken) return;
    this.#taken = seq;
    let count = 0;
    while (count < this.#outstanding.length && (this.#outstanding[count] as Sent).seq <= seq) {
      this.#outstandingBytes -= (this.#outstanding[count] as Sent).size;
      count++;
    }
    if (count > 0) this.#outstanding.splice(0, count);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#sink.drained(this.#go);
    });
  }

  /** Closes the iterator and ignores the result. */
  #close(): void {
    try {
      const closed = this.#iterator.return?.();
      if (isThenable(closed)) closed.then(undefined, ignore);
    } catch {}
    this.#destroy?.();
  }
}

function notResult(result: unknown): TypeError {
  return new TypeError(
    `The iterator's next() returned ${inspect(result, { depth: 0 })}, which is not an object { done, value }.`,
  );
}

/** Whether a handler responds with a stream by returning this value. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  const iterable = value as { [Symbol.asyncIterator]?: unknown } | null | undefined;
  return typeof value === 'object' && typeof iterable?.[Symbol.asyncIterator] === 'function';
}

/** Closes items that nobody will read. */
export function closeItems(items: AsyncIterable<unknown>): void {
  try {
    const closed = items[Symbol.asyncIterator]().return?.();
    if (isThenable(closed)) closed.then(undefined, ignore);
  } catch {}
  destroyerOf(items)?.();
}

/** Whether a value can be sent item by item. */
export function isItems(value: unknown): boolean {
  if (isAsyncIterable(value)) return true;
  const iterable = value as { [Symbol.iterator]?: unknown } | null | undefined;
  return (
    typeof value === 'object' &&
    typeof iterable?.[Symbol.iterator] === 'function' &&
    !ArrayBuffer.isView(value)
  );
}

function iteratorOf(items: unknown): AsyncIterator<unknown> {
  if (isAsyncIterable(items)) return items[Symbol.asyncIterator]();
  return each(items as Iterable<unknown>);
}

async function* each(items: Iterable<unknown>): AsyncGenerator<unknown> {
  yield* items;
}

/**
 * Returns the function that destroys a stream of Node, since its iterator does not do so before the first read. Until then
 * the stream's errors, such as that of a missing file, are only recorded: its iterator throws them when an item is
 * requested, and they must not become uncaught exceptions.
 */
function destroyerOf(items: unknown): (() => void) | undefined {
  const { destroy, pipe } = items as { destroy?: unknown; pipe?: unknown };
  if (typeof destroy !== 'function' || typeof pipe !== 'function') return undefined;
  const stream = items as { destroy(): void; on(event: 'error', listener: () => void): void };
  stream.on('error', ignore);
  return () => stream.destroy();
}
