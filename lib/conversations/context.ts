import type { Meta } from '../../entities/packet.js';
import { type ItemSource, ItemStream } from './item-stream.js';

/** What a handler receives besides the data and the peer. */
export interface CallContext<BodyItem = unknown> {
  /** Aborted when nobody waits for the response any more: the caller has left or aborted, or its connection has ended. */
  readonly signal: AbortSignal;
  /** The body that the caller sends along with the request; empty if there is none. */
  readonly body: ItemStream<BodyItem>;
  /** The metadata that the caller's side sent beside the data, such as trace context; undefined if there is none. */
  readonly meta: Meta | undefined;
}

/** The source of an empty body. */
const NOBODY: ItemSource = {
  itemsWritten: 0,
  bytesWritten: 0,
  credit() {},
  left() {},
  waits() {},
};

/** Holds the contexts that must be told when the caller is gone. */
export interface ContextHolder {
  /** The contexts whose handlers have read `signal`; created on first use. */
  contexts: Set<Context> | undefined;
}

/** A {@link CallContext} whose members are created on first access. */
export class Context implements CallContext {
  readonly meta: Meta | undefined;
  readonly #holder: ContextHolder | undefined;
  #controller: AbortController | undefined;
  #aborted = false;
  #reason: unknown;
  #body: ItemStream | undefined;

  constructor(holder?: ContextHolder, body?: ItemStream, meta?: Meta) {
    this.#holder = holder;
    this.#body = body;
    this.meta = meta;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
      else if (this.#holder !== undefined) {
        this.#holder.contexts ??= new Set();
        this.#holder.contexts.add(this);
      }
    }
    return this.#controller.signal;
  }

  get body(): ItemStream {
    if (this.#body === undefined) {
      this.#body = new ItemStream(NOBODY, { items: 0, bytes: 0 });
      this.#body.end();
    }
    return this.#body;
  }

  /** Nobody waits for the response any more. */
  abort(reason: unknown): void {
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  /** The handler has responded. */
  done(): void {
    this.#holder?.contexts?.delete(this);
  }
}
