import type { Window } from '../../entities/stream.js';
import { isCount, streamViolation } from '../../entities/stream.js';
import { Snapshot } from '../snapshot.js';
import { isThenable } from '../thenable.js';
import { itemSize } from './item-size.js';

/** Where the items of an {@link ItemSender} go. */
export interface ItemSink {
  /** Whether so much waits to be sent that items have to wait, too. */
  readonly congested: boolean;
  /** Calls back when that is over, or the connection is. */
  drained(callback: () => void): void;
  /**
   * Sends an item.
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(seq: number, item: unknown, full: boolean): void;
  /** There are no more items, or there is an error in place of more; nothing follows. */
  ended(error: unknown, failed: boolean): void;
}

/** What anybody may be granted at most: one who grants more, and does not read, would only have us hold it. */
const MOST: Window = { items: 4096, bytes: 16 * 1024 * 1024 };

interface Sent {
  readonly seq: number;
  readonly size: number;
  /** The item as it was, where it may have to be sent again. */
  readonly copy: Snapshot | undefined;
}

/** Sends what an iterator gives, as far as the other side has granted credit, and asks it for no more than that. */
export class ItemSender {
  /** The number of the last item that was sent. */
  seq = 0;
  /** The bytes of the items that were sent. */
  bytes = 0;
  readonly #iterator: AsyncIterator<unknown>;
  readonly #destroy: (() => void) | undefined;
  readonly #sink: ItemSink;
  /** Whether items are kept until the other side has taken them. */
  readonly #keeps: boolean;
  readonly #check: ((item: unknown) => unknown) | undefined;
  /** Sent and not taken, the oldest first. */
  #outstanding: Sent[] = [];
  #outstandingBytes = 0;
  /** The last item that may be sent, and how many bytes may be outstanding. */
  #limit = 0;
  #bytes = 0;
  /** The last item that was taken. */
  #taken = 0;
  #wake: (() => void) | undefined;
  #started = false;
  #stopped = false;
  #over = false;
  /** Without a connection: nothing is sent. */
  #detached = false;
  readonly #go = () => {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  };

  /**
   * @param items an iterable, asynchronous or not
   * @param check makes of an item what is sent, or throws; it may be asynchronous
   */
  constructor(items: unknown, sink: ItemSink, keeps: boolean, check?: (item: unknown) => unknown) {
    this.#iterator = iteratorOf(items);
    this.#destroy = destroyerOf(items);
    this.#sink = sink;
    this.#keeps = keeps;
    this.#check = check;
  }

  /** Bytes that are kept until the other side has taken them. */
  get keptBytes(): number {
    return this.#keeps ? this.#outstandingBytes : 0;
  }

  /**
   * The other side has taken the items up to `seq`, and grants so many beyond it.
   * @throws IPCError ERR_IPC_PROTOCOL if that cannot be
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

  /** The connection has ended, and another may come: nothing is sent until {@link attach}. */
  detach(): void {
    this.#detached = true;
  }

  /** Another connection has come: sends again what the other side has not taken. */
  attach(seq: unknown, credit: Window): void {
    if (!isCount(seq)) throw streamViolation('a credit is not a number');
    if (seq > this.seq || seq < this.#taken) {
      throw streamViolation(`it continues after item ${seq}, which cannot be`);
    }
    this.#forget(seq);
    this.#detached = false;
    for (let i = 0; i < this.#outstanding.length; i++) {
      const { seq: number, copy } = this.#outstanding[i] as Sent;
      this.#sink.send(number, (copy as Snapshot).value, i === this.#outstanding.length - 1);
    }
    this.grant(seq, credit.items, credit.bytes);
  }

  /** Nobody wants more: ends the iterator, and nothing is sent any more. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#outstanding = [];
    this.#outstandingBytes = 0;
    if (!this.#over) this.#close();
    this.#over = true;
    this.#go();
  }

  /** Whether one more item may be sent. */
  get #ready(): boolean {
    return !this.#detached && this.seq < this.#limit && this.#outstandingBytes < this.#bytes;
  }

  async #run(): Promise<void> {
    try {
      for (;;) {
        while (!this.#stopped && !this.#ready) await this.#woken();
        while (!this.#stopped && !this.#detached && this.#sink.congested) await this.#drained();
        if (this.#stopped) return;
        const { done, value } = await this.#iterator.next();
        if (this.#stopped) return;
        if (done === true) break;
        if (!(await this.#send(value))) return;
      }
      this.#finish(undefined, false);
    } catch (error) {
      if (!this.#stopped) this.#finish(error, true);
    }
  }

  /** Sends an item; what cannot be sent ends the iterator. */
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

  /** Forgets what the other side has taken. */
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

  /** Ends the iterator; what comes of that concerns nobody any more. */
  #close(): void {
    try {
      const closed = this.#iterator.return?.();
      if (isThenable(closed)) closed.then(undefined, ignore);
    } catch {}
    this.#destroy?.();
  }
}

function ignore(): void {}

/** Whether a handler responds with a stream by returning this. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  const iterable = value as { [Symbol.asyncIterator]?: unknown } | null | undefined;
  return typeof value === 'object' && typeof iterable?.[Symbol.asyncIterator] === 'function';
}

/** Ends what nobody will read. */
export function closeItems(items: AsyncIterable<unknown>): void {
  try {
    const closed = items[Symbol.asyncIterator]().return?.();
    if (isThenable(closed)) closed.then(undefined, ignore);
  } catch {}
  destroyerOf(items)?.();
}

/** Whether something can be sent item by item. */
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
 * What ends a stream of Node's that nobody has begun to read: its iterator then does not. It hears no errors before that either, such
 * as that of a file which is missing: it throws them when it is asked for an item, and they must not end the process earlier.
 */
function destroyerOf(items: unknown): (() => void) | undefined {
  const { destroy, pipe } = items as { destroy?: unknown; pipe?: unknown };
  if (typeof destroy !== 'function' || typeof pipe !== 'function') return undefined;
  const stream = items as { destroy(): void; on(event: 'error', listener: () => void): void };
  stream.on('error', ignore);
  return () => stream.destroy();
}
