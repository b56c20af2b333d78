import type { Item as ItemData, Window } from '../../entities/stream.js';
import { streamViolation } from '../../entities/stream.js';
import { Fifo } from '../fifo.js';
import { rejectedAsAwaited } from '../promises.js';
import { itemSize } from './item-size.js';
import { itemOf } from './stream-connection.js';

/** How much one side of a connection holds of stream bodies that nobody has read yet. */
export interface Budget {
  bytes: number;
  readonly most: number;
}

/** The sender of a stream's items. */
export interface ItemSource {
  /** How many items of the body were sent in the other direction, and their size in bytes. */
  readonly itemsWritten: number;
  readonly bytesWritten: number;
  /** Items were read: the sender may send this much beyond item number `seq`. */
  credit(seq: number, window: Window): void;
  /** The consumer wants no further items. */
  left(): void;
  /** The consumer has started or stopped to wait for an item. */
  waits(waiting: boolean): void;
}

/** The options of an {@link ItemStream}. */
export interface ItemStreamOptions {
  /** Whether the sender knows the window already. */
  readonly granted?: boolean | undefined;
  /** A budget against which buffered items count, too. */
  readonly budget?: Budget | undefined;
  /** Validates and converts an item, or throws; it may be async. */
  readonly check?: ((item: unknown) => unknown) | undefined;
}

interface Waiter<Item> {
  resolve(result: IteratorResult<Item, undefined> | Promise<never>): void;
}

interface Held {
  readonly item: unknown;
  readonly size: number;
  /** Whether the sender's credit is used up, so that it waits until this item is read. */
  readonly full: boolean;
}

/** The tolerance of the byte limit, as a factor of the window: the two ends measure items differently. */
const TOLERANCE = 4;

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * A stream of items from the other side, for `for await`, `Readable.from`, `ReadableStream.from` and `pipeline`. The
 * consumer controls the flow: only a small window of items is sent before it reads them. Leaving the loop, or calling
 * `return()`, ends the stream on the other side, too.
 */
export class ItemStream<Item = unknown> implements AsyncIterableIterator<Item>, AsyncDisposable {
  /** How many items were read. */
  itemsRead = 0;
  /** The size of the items that were read, in bytes: exact for binary items, an estimate for others. */
  bytesRead = 0;
  readonly #source: ItemSource;
  readonly #window: Window;
  readonly #budget: Budget | undefined;
  readonly #check: ((item: unknown) => unknown) | undefined;
  readonly #held = new Fifo<Held>();
  #heldBytes = 0;
  /** The number of the last item that arrived. */
  #last = 0;
  /** The last item that was acknowledged to the sender, and the bytes read since. */
  #credited = 0;
  #uncredited = 0;
  #waiters: Waiter<Item>[] = [];
  #ended = false;
  #error: unknown;
  #failed = false;
  /** Whether the sender has credit. */
  #granted: boolean;

  /** @internal */
  constructor(source: ItemSource, window: Window, options: ItemStreamOptions = {}) {
    this.#source = source;
    this.#window = window;
    this.#granted = options.granted ?? false;
    this.#budget = options.budget;
    this.#check = options.check;
  }

  /** How many items of the body were sent, if there is a body. */
  get itemsWritten(): number {
    return this.#source.itemsWritten;
  }

  /** The size of the body's items that were sent, in bytes. */
  get bytesWritten(): number {
    return this.#source.bytesWritten;
  }

  /** Reads the next item. If the stream ended with an error, it rejects with the error once, and then reports the end. */
  next(): Promise<IteratorResult<Item, undefined>> {
    return this.#check === undefined ? this.#next() : this.#checked(this.#check);
  }

  /** Validates an item; one that is invalid ends the stream. */
  async #checked(check: (item: unknown) => unknown): Promise<IteratorResult<Item, undefined>> {
    const result = await this.#next();
    if (result.done === true) return result;
    try {
      return { done: false, value: (await check(result.value)) as Item };
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  #next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#held.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#failed) {
      const error = this.#error;
      this.#failed = false;
      this.#error = undefined;
      return rejectedAsAwaited(error);
    }
    if (this.#ended) return Promise.resolve(DONE);
    if (!this.#granted) {
      this.#granted = true;
      this.#source.credit(0, this.#window);
    }
    return new Promise((resolve) => {
      this.#waiters.push({ resolve });
      if (this.#waiters.length === 1) this.#source.waits(true);
    });
  }

  /** Ends the stream: no further items are requested, and buffered ones are dropped. */
  return(): Promise<IteratorResult<Item, undefined>> {
    this.#leave();
    return Promise.resolve(DONE);
  }

  /** Like {@link return}, but rejects with the given error. */
  throw(error?: unknown): Promise<IteratorResult<Item, undefined>> {
    this.#leave();
    return Promise.reject(error);
  }

  /** Returns the stream itself, for `for await`. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Leaves the stream at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
  }

  /** @internal The number of the last item that arrived. */
  get last(): number {
    return this.#last;
  }

  /**
   * @internal Adds the item with a number.
   * @throws IPCError ERR_IPC_PROTOCOL if it is out of order or exceeds the sender's credit
   */
  push(seq: number, item: unknown, full: boolean): void {
    this.#arrived(seq);
    if (this.#ended) return;
    const held = { item, size: itemSize(item), full };
    if (this.#waiters.length > 0) {
      const waiter = this.#waiters.shift() as Waiter<Item>;
      this.#source.waits(this.#waiters.length > 0);
      this.#count(held);
      waiter.resolve({ done: false, value: item as Item });
      return;
    }
    if (this.#heldBytes > TOLERANCE * this.#window.bytes) throw streamViolation('bytes came without credit');
    this.#hold(held.size);
    this.#held.push(held);
  }

  /**
   * @internal Processes the data of a packet with an item. If the item could not be decoded, the stream ends with the error,
   * after the items that came before.
   * @throws IPCError ERR_IPC_PROTOCOL if it is invalid, out of order or exceeds the sender's credit
   */
  take(data: ItemData, error?: unknown): void {
    if (error === undefined) {
      this.push(data.seq, itemOf(data), data.full === true);
      return;
    }
    this.#arrived(data.seq);
    if (this.#ended) return;
    this.end(error);
    this.#source.left();
  }

  /** @internal No further items will arrive. If there is an error, it follows the buffered items. */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const waiters = this.#waiters;
    this.#waiters = [];
    if (waiters.length > 0) this.#source.waits(false);
    let failed = error !== undefined;
    for (const waiter of waiters) {
      if (failed) waiter.resolve(rejectedAsAwaited(error));
      else waiter.resolve(DONE);
      failed = false;
    }
    this.#failed = failed;
    if (failed) this.#error = error;
  }

  /** @internal Like {@link end}, but drops the buffered items. */
  abort(error: unknown): void {
    this.#drop();
    this.end(error);
  }

  /** @internal The credit after the last item that arrived, for another connection: the window minus what is buffered. */
  renew(): Window {
    this.#credited = this.itemsRead;
    this.#uncredited = 0;
    if (!this.#granted) return { items: 0, bytes: 0 };
    const { items, bytes } = this.#window;
    return { items: items - this.#held.length, bytes };
  }

  #arrived(seq: number): void {
    if (seq !== this.#last + 1) throw streamViolation(`item ${seq} came after item ${this.#last}`);
    if (!this.#granted || seq > this.#credited + this.#window.items) {
      throw streamViolation(`item ${seq} came without credit`);
    }
    this.#last = seq;
  }

  #leave(): void {
    if (this.#ended) {
      this.#drop();
      this.#failed = false;
      this.#error = undefined;
      return;
    }
    this.#drop();
    this.end();
    this.#source.left();
  }

  #drop(): void {
    this.#hold(-this.#heldBytes);
    this.#held.clear();
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    const budget = this.#budget;
    if (budget === undefined) return;
    budget.bytes += bytes;
    if (bytes > 0 && budget.bytes > budget.most) {
      throw streamViolation('the bodies of its calls exceed what is buffered for one connection');
    }
  }

  #take(): Item {
    const held = this.#held.shift();
    this.#hold(-held.size);
    this.#count(held);
    return held.item as Item;
  }

  /** Counts an item that was read. Grants new credit when half of the window is free, or when the sender waits for it. */
  #count({ size, full }: Held): void {
    this.itemsRead++;
    this.bytesRead += size;
    this.#uncredited += size;
    if (this.#ended) return;
    const { items, bytes } = this.#window;
    const taken = this.itemsRead - this.#credited;
    if (!full && taken * 2 < items && this.#uncredited * 2 < bytes) return;
    this.#credited = this.itemsRead;
    this.#uncredited = 0;
    this.#source.credit(this.itemsRead, this.#window);
  }
}
