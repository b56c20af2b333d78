import type { Side } from '../observe.js';

/** Anything that can post and receive messages. It describes the ports of Node, Electron and browsers structurally. */
export interface PortLike {
  postMessage?(message: unknown, transfer?: readonly never[]): void;
  send?(message: unknown, ...more: never[]): boolean;
  // biome-ignore lint/suspicious/noExplicitAny: what a listener is called with depends on the kind of port
  on?(event: string, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  off?(event: string, listener: (...args: any[]) => void): unknown;
  addEventListener?(event: string, listener: (event: never) => void): void;
  removeEventListener?(event: string, listener: (event: never) => void): void;
  start?(): void;
  /** Whether the channel of a process is open. */
  readonly connected?: boolean;
  /** The number of a worker's thread; -1 once it has ended. */
  readonly threadId?: number;
}

/** A message of this package. Other users of the port send messages of other shapes, which are ignored. */
export interface PortMessage {
  /** Which end of a connection it is for. One port may carry a connection in each direction. */
  readonly 'omni-ipc': Side;
  /** The number of the connection, chosen by the client. */
  readonly n: number;
  readonly kind: string;
  readonly value?: unknown;
}

/** Receives the messages for one end. */
export interface PortReceiver {
  message(message: PortMessage): void;
  /** A message could not be deserialized, which may have been for this end. */
  misread(cause: unknown): void;
  /** The port was closed; no further messages will arrive. */
  closed(): void;
}

/** The events that report that the other side of a port is gone. */
const ENDINGS = ['close', 'exit', 'disconnect'] as const;

const links = new WeakMap<object, PortLink>();

/**
 * The shared link of a port. It listens to the port only while it has a receiver, so that an idle port does not keep the
 * process alive.
 */
export class PortLink {
  readonly port: PortLike;
  readonly #receivers = new Map<Side, PortReceiver>();
  /** Whether the port has reported its end. */
  #closed = false;

  static of(port: PortLike): PortLink {
    const known = links.get(port);
    if (known !== undefined) return known;
    const link = new PortLink(port);
    links.set(port, link);
    return link;
  }

  constructor(port: PortLike) {
    this.port = port;
  }

  /** Whether the other side is permanently gone. It may have gone before this link listened to the port. */
  get over(): boolean {
    const { connected, threadId } = this.port;
    return this.#closed || threadId === -1 || (connected === false && !this.bytes);
  }

  /** Whether bytes arrive as bytes; whether the channel of a process carries more than JSON is not known here. */
  get bytes(): boolean {
    return typeof this.port.postMessage === 'function';
  }

  /** Whether an end already has a receiver. */
  has(end: Side): boolean {
    return this.#receivers.has(end);
  }

  attach(end: Side, receiver: PortReceiver): void {
    const first = this.#receivers.size === 0;
    this.#receivers.set(end, receiver);
    if (first) this.#listen();
  }

  detach(end: Side, receiver: PortReceiver): void {
    if (this.#receivers.get(end) !== receiver) return;
    this.#receivers.delete(end);
    if (this.#receivers.size === 0) this.#leave();
  }

  /**
   * Posts a message.
   * @throws the port's error if a value cannot be cloned
   */
  post(message: PortMessage, transfer: readonly unknown[] = []): void {
    const { port } = this;
    if (typeof port.postMessage === 'function') port.postMessage(message, transfer as never[]);
    // A failure to send is ignored here: the end of the channel reports it.
    else port.send?.(message, (() => {}) as never);
  }

  #listen(): void {
    const { port } = this;
    if (typeof port.on === 'function') {
      port.on('message', this.#message);
      port.on('messageerror', this.#misread);
      for (const ending of ENDINGS) port.on(ending, this.#end);
    } else {
      port.addEventListener?.('message', this.#message);
      port.addEventListener?.('messageerror', this.#misread);
      port.addEventListener?.('close', this.#end);
    }
    port.start?.();
  }

  #leave(): void {
    const { port } = this;
    if (typeof port.off === 'function') {
      port.off('message', this.#message);
      port.off('messageerror', this.#misread);
      for (const ending of ENDINGS) port.off(ending, this.#end);
    } else {
      port.removeEventListener?.('message', this.#message);
      port.removeEventListener?.('messageerror', this.#misread);
      port.removeEventListener?.('close', this.#end);
    }
  }

  /** Node passes the value itself; Electron and browsers pass an event that contains it. */
  readonly #message = (given: unknown) => {
    const message = ours(given) ?? ours((given as { data?: unknown } | null)?.data);
    if (message !== undefined) this.#receivers.get(message['omni-ipc'])?.message(message);
  };

  readonly #misread = (cause: unknown) => {
    for (const receiver of this.#receivers.values()) receiver.misread(cause);
  };

  readonly #end = () => {
    this.#closed = true;
    this.#leave();
    const receivers = [...this.#receivers.values()];
    this.#receivers.clear();
    for (const receiver of receivers) receiver.closed();
  };
}

function ours(value: unknown): PortMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { 'omni-ipc': end, n, kind } = value as Partial<PortMessage>;
  if ((end !== 'client' && end !== 'server') || typeof n !== 'number' || typeof kind !== 'string') {
    return undefined;
  }
  return value as PortMessage;
}
