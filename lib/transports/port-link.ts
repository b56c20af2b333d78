/** Anything that posts messages and receives them: what Node, Electron and the Web have, by their shapes. */
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
}

/** Which end of a connection a message is for. A port may carry one in each direction. */
export type End = 'client' | 'server';

/** A message of ours between the ends; others that use the port have messages of other shapes, which are left alone. */
export interface PortMessage {
  readonly 'omni-ipc': End;
  /** The connection's number, chosen by the client. */
  readonly n: number;
  readonly kind: string;
  readonly value?: unknown;
}

/** Who hears the messages for one end. */
export interface PortReceiver {
  message(message: PortMessage): void;
  /** No more messages can come. */
  closed(): void;
}

/** What tells that the other side of a port is gone. */
const ENDINGS = ['close', 'exit', 'disconnect'] as const;

const links = new WeakMap<object, PortLink>();

/** The one link of a port: it listens while somebody wants to hear, so that an idle port keeps no process alive. */
export class PortLink {
  readonly port: PortLike;
  /** Whether the other side is gone for good. */
  over = false;
  readonly #receivers = new Map<End, PortReceiver>();

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

  /** Whether somebody hears the messages for an end already. */
  has(end: End): boolean {
    return this.#receivers.has(end);
  }

  attach(end: End, receiver: PortReceiver): void {
    const first = this.#receivers.size === 0;
    this.#receivers.set(end, receiver);
    if (first) this.#listen();
  }

  detach(end: End, receiver: PortReceiver): void {
    if (this.#receivers.get(end) !== receiver) return;
    this.#receivers.delete(end);
    if (this.#receivers.size === 0) this.#leave();
  }

  /**
   * Posts a message.
   * @throws whatever the port throws for a value that it cannot copy
   */
  post(message: PortMessage, transfer: readonly unknown[] = []): void {
    const { port } = this;
    if (typeof port.postMessage === 'function') port.postMessage(message, transfer as never[]);
    // What cannot be sent shows by the end of the channel.
    else port.send?.(message, (() => {}) as never);
  }

  #listen(): void {
    const { port } = this;
    if (typeof port.on === 'function') {
      port.on('message', this.#message);
      for (const ending of ENDINGS) port.on(ending, this.#closed);
    } else {
      port.addEventListener?.('message', this.#message);
      port.addEventListener?.('close', this.#closed);
    }
    port.start?.();
  }

  #leave(): void {
    const { port } = this;
    if (typeof port.off === 'function') {
      port.off('message', this.#message);
      for (const ending of ENDINGS) port.off(ending, this.#closed);
    } else {
      port.removeEventListener?.('message', this.#message);
      port.removeEventListener?.('close', this.#closed);
    }
  }

  /** Node hands over the value itself, Electron and the Web an event with the value in it. */
  readonly #message = (given: unknown) => {
    const message = ours(given) ?? ours((given as { data?: unknown } | null)?.data);
    if (message !== undefined) this.#receivers.get(message['omni-ipc'])?.message(message);
  };

  readonly #closed = () => {
    this.over = true;
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
