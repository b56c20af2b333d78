import type { Socket } from 'node:net';
import type { StreamAddress } from '../../entities/address.js';
import { codeOf } from '../../entities/errors.js';
import { dialFailure, handshakeFailure } from './failure.js';
import type { DialEvents, Dialling, DialOptions, StreamTransport } from './transport.js';

/**
 * A listener's queue is full only briefly, so the connection attempt is repeated: this often, and after at most this delay.
 */
const MOST_CROWDED = 200;
const CROWDED_MS = 50;

/** One attempt to connect a byte stream. */
export class StreamDial implements Dialling {
  /** The socket that is connecting. */
  socket: Socket | undefined;
  readonly #address: StreamAddress;
  readonly #config: DialOptions;
  readonly #events: DialEvents<Socket>;
  readonly #transport: StreamTransport<never>;
  #crowded = 0;
  #timer: NodeJS.Timeout | undefined;
  #abandoned = false;

  /** @throws IPCError if the address or config is invalid */
  constructor(
    transport: StreamTransport<never>,
    address: StreamAddress,
    config: DialOptions,
    events: DialEvents<Socket>,
  ) {
    this.#address = address;
    this.#config = config;
    this.#events = events;
    this.#transport = transport;
    this.#begin();
  }

  /** Aborts the attempt; `failed` is called. */
  abandon(): void {
    this.#abandoned = true;
    this.socket?.destroy();
  }

  #begin(): void {
    const socket = this.#transport.dial(this.#address as never, this.#config);
    this.socket = socket;
    let carried = false;
    let fault: unknown;
    const onError = (error: Error) => {
      fault = error;
    };
    const onClose = () => this.#failed(fault, carried);
    socket.once('connect', () => {
      carried = true;
      if (this.#transport.ready !== 'connect') this.#limitHandshake(socket);
    });
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once(this.#transport.ready, () => {
      // The transport has refused the connection by a further check.
      if (socket.destroyed) return;
      clearTimeout(this.#timer);
      socket.off('error', onError);
      socket.off('close', onClose);
      this.#events.opened(socket);
    });
  }

  /** @param carried whether the underlying transport was connected */
  #failed(fault: unknown, carried: boolean): void {
    clearTimeout(this.#timer);
    if (codeOf(fault) === 'EAGAIN' && this.#crowded < MOST_CROWDED && !this.#abandoned) {
      this.#crowded++;
      this.#timer = setTimeout(() => this.#again(), 1 + Math.random() * CROWDED_MS);
      return;
    }
    if (fault === undefined) this.#events.failed(undefined);
    else if (carried && this.#transport.ready !== 'connect')
      this.#events.failed(handshakeFailure(fault, this.#address));
    else this.#events.failed(dialFailure(fault, this.#address));
  }

  #again(): void {
    if (this.#abandoned) this.#events.failed(undefined);
    else this.#begin();
  }

  #limitHandshake(socket: Socket): void {
    const timeout = this.#config.handshakeTimeout;
    if (timeout === 0) return;
    const late = new Error(`it took more than ${timeout} ms (config.handshakeTimeout)`);
    this.#timer = setTimeout(() => socket.destroy(late), timeout);
  }
}
