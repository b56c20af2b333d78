import type { Window } from '../../entities/stream.js';
import { streamViolation } from '../../entities/stream.js';
import { rejectedAsAwaited } from '../promises.js';
import { itemSize } from './item-size.js';

/** How much one side of a connection holds of bodies that nobody has taken yet. */
export interface Budget {
  bytes: number;
  readonly most: number;
}

/** Whoever sends the items of a stream. */
export interface ItemSource {
  /** How many items of a body have been sent the other way, and their bytes. */
  readonly itemsWritten: number;
  readonly bytesWritten: number;
  /** Items have been taken: so many may be on their way beyond item number `seq`. */
  credit(seq: number, window: Window): void;
  /** The consumer wants no more. */
  left(): void;
  /** The consumer has begun to wait for an item, or waits no more. */
  waits(waiting: boolean): void;
}

/** How an {@link ItemStream} is set up. */
export interface ItemStreamOptions {
  /** The sender knows the window already. */
  readonly granted?: boolean | undefined;
  /** What is held counts against this, too. */
  readonly budget?: Budget | undefined;
  /** Makes of an item what the consumer gets, or throws; it may be asynchronous. */
  readonly check?: ((item: unknown) => unknown) | undefined;
}

interface Waiter<Item> {
  resolve(result: IteratorResult<Item, undefined> | Promise<never>): void;
}

interface Held {
  readonly item: unknown;
  readonly size: number;
  /** The sender waits for this one to be taken. */
  readonly full: boolean;
}

/** Buffered bytes may be so many times the window: the two ends measure items differently. */
const TOLERANCE = 4;

const DONE: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/**
 * Items that come from the other side: for `for await`, `Readable.from`, `ReadableStream.from` and `pipeline`. They are sent as
 * they are taken, with a few on their way ahead of that. Leaving the loop, or `return()`, ends the stream on the other side, too.
 */
export class ItemStream<Item = unknown> implements AsyncIterableIterator<Item>, AsyncDisposable {
  /** How many items have been taken. */
  itemsRead = 0;
  /** The bytes of the items that have been taken: exact for binary items, an estimate for others. */
  bytesRead = 0;
  readonly #source: ItemSource;
  readonly #window: Window;
  readonly #budget: Budget | undefined;
  readonly #check: ((item: unknown) => unknown) | undefined;
  #held: Held[] = [];
  /** Where in `#held` the oldest is. */
  #first = 0;
  #heldBytes = 0;
  /** The number of the last item that came. */
  #last = 0;
  /** The last item that the sender was told is taken, and the bytes taken since. */
  #credited = 0;
  #uncredited = 0;
  #waiters: Waiter<Item>[] = [];
  #ended = false;
  #error: unknown;
  #failed = false;
  /** Whether the sender has leave to send. */
  #granted: boolean;

  /** @internal */
  constructor(source: ItemSource, window: Window, options: ItemStreamOptions = {}) {
    this.#source = source;
    this.#window = window;
    this.#granted = options.granted ?? false;
    this.#budget = options.budget;
    this.#check = options.check;
  }

  /** How many items of the body have been sent, where there is one. */
  get itemsWritten(): number {
    return this.#source.itemsWritten;
  }

  /** The bytes of the body's items that have been sent. */
  get bytesWritten(): number {
    return this.#source.bytesWritten;
  }

  /** The next item. Rejects with what ended the stream, once; after that it is just over. */
  next(): Promise<IteratorResult<Item, undefined>> {
    return this.#check === undefined ? this.#next() : this.#checked(this.#check);
  }

  /** An item that does not pass ends the stream. */
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
    if (this.#first < this.#held.length) return Promise.resolve({ done: false, value: this.#take() });
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

  /** Ends the stream: no more items are wanted, and those that have come are dropped. */
  return(): Promise<IteratorResult<Item, undefined>> {
    this.#leave();
    return Promise.resolve(DONE);
  }

  /** As {@link return}, and rejects with the error given. */
  throw(error?: unknown): Promise<IteratorResult<Item, undefined>> {
    this.#leave();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#leave();
  }

  /** @internal The number of the last item that came. */
  get last(): number {
    return this.#last;
  }

  /**
   * @internal Takes in the item with a number.
   * @throws IPCError ERR_IPC_PROTOCOL for one out of order, or beyond what the sender has leave for
   */
  push(seq: number, item: unknown, full: boolean): void {
    if (seq !== this.#last + 1) throw streamViolation(`item ${seq} came after item ${this.#last}`);
    if (!this.#granted || seq > this.#credited + this.#window.items) {
      throw streamViolation(`item ${seq} came without credit`);
    }
    this.#last = seq;
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

  /** @internal No more items come; with an error, which follows what has come. */
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

  /** @internal As {@link end}, and what has come is dropped. */
  abort(error: unknown): void {
    this.#drop();
    this.end(error);
  }

  /** @internal What may come after the last item that came, over another connection: the window without what is held. */
  renew(): Window {
    this.#credited = this.itemsRead;
    this.#uncredited = 0;
    if (!this.#granted) return { items: 0, bytes: 0 };
    const { items, bytes } = this.#window;
    return { items: items - (this.#held.length - this.#first), bytes };
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
    this.#held = [];
    this.#first = 0;
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    const budget = this.#budget;
    if (budget === undefined) return;
    budget.bytes += bytes;
    if (bytes > 0 && budget.bytes > budget.most) {
      throw streamViolation('the bodies of its calls are more than is held for one connection');
    }
  }

  #take(): Item {
    const held = this.#held[this.#first] as Held;
    this.#held[this.#first++] = undefined as unknown as Held;
    if (this.#first === this.#held.length) {
      this.#held = [];
      this.#first = 0;
    }
    this.#hold(-held.size);
    this.#count(held);
    return held.item as Item;
  }

  /** Counts an item that is taken, and tells the sender when half of the window is free again, or when it waits for that. */
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
