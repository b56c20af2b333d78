import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { delayOf } from '../../entities/config/retries.js';
import { IPCError } from '../../entities/errors.js';
import { ClientStatus } from '../../entities/events.js';
import { ClientCore } from '../../lib/client-core.js';
import type { Peer } from '../../lib/peer.js';
import { emitErrorSafely, emitSafely } from '../adapter/emit-safely.js';
import { isDecoding, NoServerError, SendAfterCloseError } from './errors.js';
import { TopicMessenger, topicName } from './messenger.js';
import { type ClientOptions, checkSocketOptions, delayIn, engineOptions } from './options.js';

// biome-ignore lint/suspicious/noExplicitAny: a message is what its listener says it is
type Message = any;

/** The arguments of a client's listeners. */
export interface ClientEvents {
  /** The client connected. Emitted for the first connection and for each reconnect. */
  connect: [socket: Socket];
  /** The client has reconnected. Emitted after `connect`, except for the first connection. */
  reconnect: [socket: Socket];
  /** An attempt to connect failed; the next one follows. */
  connectError: [error: Error];
  /** The connection was lost. */
  disconnect: [];
  /** The client has closed. */
  close: [];
  /** @deprecated The same as `close`. */
  closed: [];
  /** The server sent a message; `message.TOPIC` is emitted, too. */
  message: [message: Message, topic: string];
  /** Received data could not be decoded. */
  messageError: [error: Error];
  /** An error occurred. */
  error: [error: Error];
  [topic: `message.${string}`]: [message: Message];
}

/**
 * A client with the API and the wire protocol of `@crussell52/socket-ipc` 0.4: it connects, and reconnects after each lost
 * connection until it is closed. Its events are {@link ClientEvents}.
 * @example
 * import { Client } from 'omni-ipc/socket-ipc';
 * const client = new Client({ socketFile: 'myApp.sock' });
 * client.on('connect', () => client.send('hello', { name: 'Alice' }));
 * client.connect();
 */
export class Client extends EventEmitter<ClientEvents> {
  readonly #engine: ClientCore;
  readonly #custom: boolean;
  readonly #messenger: TopicMessenger;
  #connected = false;
  #closing = false;

  /** @throws IPCError ERR_IPC_ARGUMENT if `socketFile` is not a path or an option is unknown, ERR_IPC_CONFIG */
  constructor(options: ClientOptions) {
    super();
    checkSocketOptions(options, 'The client');
    this.#custom = Boolean(options.transcoder);
    this.#messenger = new TopicMessenger(this, options.transcoder);
    const retry = delayIn(options.retryDelay, 1000);
    const reconnect = delayIn(options.reconnectDelay, 100);
    this.#engine = new ClientCore(
      { id: options.socketFile, keepsCalls: true, ...engineOptions(options) },
      {
        receive: (packet) => this.#messenger.deliver(packet),
        failed: (error, peer) => this.#failed(error, peer),
        delay: (attempt, before) => Math.round(delayOf(before && attempt === 1 ? reconnect : retry)),
        connected: (connections) => this.#connect(connections),
        disconnected: () => this.#disconnect(),
      },
    );
  }

  /**
   * Starts to connect, and tries again until it is connected or closed.
   * @throws IPCError ERR_IPC_CONNECT if it was called before
   */
  connect(): void {
    if (this.#engine.reconnector.status !== ClientStatus.IDLE || this.#closing) {
      throw new IPCError('ERR_IPC_CONNECT', 'A client connects once; make a new Client to connect again.');
    }
    this.#engine.reconnector.connect();
  }

  /** Sends a message. Without a connection it is not sent, and `error` is emitted (NoServerError). */
  send(topic: string, message?: unknown): void {
    if (this.#closing) {
      const what = 'send() was called after close(); make a new Client to send again.';
      this.emit('error', new SendAfterCloseError(what, message, topicName(topic)));
    } else if (!this.#engine.open) {
      const what = "There is no connection just now; send after 'connect'.";
      this.emit('error', new NoServerError(what, message, topicName(topic)));
    } else this.#messenger.send(topicName(topic), message, (packet) => this.#engine.sendNow(packet));
  }

  /** Sends what is queued and closes for good; then emits `close`. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#engine.close(undefined).then(() => {
      emitSafely(this, 'closed');
      emitSafely(this, 'close');
    });
  }

  #connect(connections: number): void {
    const { socket } = this.#engine.reconnector;
    this.#connected = true;
    emitSafely(this, 'connect', socket);
    if (connections > 1) emitSafely(this, 'reconnect', socket);
  }

  #disconnect(): void {
    const was = this.#connected;
    this.#connected = false;
    if (was && !this.#closing) emitSafely(this, 'disconnect');
  }

  #failed(error: IPCError, peer: Peer | undefined): void {
    if (peer === undefined) {
      emitSafely(this, 'connectError', error);
      return;
    }
    if (isDecoding(error)) {
      emitSafely(this, 'messageError', error);
      if (this.#custom) peer.destroy();
    }
    emitErrorSafely(this, error);
  }
}
