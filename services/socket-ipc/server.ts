import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { IPCError } from '../../entities/errors.js';
import { nodeCrypto } from '../../lib/lazy-modules.js';
import type { Peer } from '../../lib/peer.js';
import { emitErrorSafely, emitSafely } from '../adapter/emit-safely.js';
import { AdapterServer } from '../adapter/server.js';
import { BadClientError, isDecoding, SendAfterCloseError } from './errors.js';
import { TopicMessenger, topicName } from './messenger.js';
import { checkSocketOptions, engineOptions, type ServerOptions } from './options.js';

// biome-ignore lint/suspicious/noExplicitAny: a message is what its listener says it is
type Message = any;

/** The arguments of a server's listeners. */
export interface ServerEvents {
  /** The server listens. */
  listening: [];
  /** The server has closed, and all clients have disconnected. */
  close: [];
  /** @deprecated The same as `close`. */
  closed: [];
  /** A client connected. */
  connection: [clientId: string, socket: Socket];
  /** A client disconnected. */
  connectionClose: [clientId: string];
  /** A client sent a message; `message.TOPIC` is emitted, too. */
  message: [message: Message, topic: string, clientId: string];
  /** Received data could not be decoded. */
  messageError: [error: Error, clientId: string];
  /** An error occurred. */
  error: [error: Error];
  [topic: `message.${string}`]: [message: Message, clientId: string];
}

/** A client, as seen by its server. */
interface Known {
  readonly id: string;
  readonly peer: Peer;
}

/**
 * A server with the API and the wire protocol of `@crussell52/socket-ipc` 0.4: it receives messages with topics, and sends
 * them to one client or to all. Its events are {@link ServerEvents}.
 * @example
 * import { Server } from 'omni-ipc/socket-ipc';
 * const server = new Server({ socketFile: 'myApp.sock' });
 * server.on('message.hello', ({ name }, clientId) => server.send('hello', `Hello, ${name}!`, clientId));
 * server.listen();
 */
export class Server extends EventEmitter<ServerEvents> {
  readonly #engine: AdapterServer<Known>;
  readonly #clients = new Map<string, Known>();
  readonly #custom: boolean;
  readonly #messenger: TopicMessenger;
  #listened = false;
  #closing = false;

  /** @throws IPCError ERR_IPC_ARGUMENT if `socketFile` is not a path or an option is unknown, ERR_IPC_CONFIG */
  constructor(options: ServerOptions) {
    super();
    checkSocketOptions(options, 'The server');
    this.#custom = Boolean(options.transcoder);
    this.#messenger = new TopicMessenger(this, options.transcoder);
    this.#engine = new AdapterServer(engineOptions(options), {
      started: () => emitSafely(this, 'listening'),
      enter: (peer) => this.#enter(peer),
      receive: (packet, { id }) => this.#messenger.deliverFrom(id, packet),
      failed: (error, client, socket) => this.#failed(error, client, socket),
      leave: (client) => this.#leave(client),
    });
  }

  /**
   * Starts to listen; the event `listening` or `error` reports the result. It replaces the socket of a dead server, never
   * that of a running one.
   * @throws IPCError ERR_IPC_LISTEN if it was called before
   */
  listen(): void {
    if (this.#listened || this.#closing) {
      throw new IPCError('ERR_IPC_LISTEN', 'A server listens once; make a new Server to listen again.');
    }
    this.#listened = true;
    this.#engine.core.start().catch(() => {});
  }

  /** Sends a message to one client. If the client does not exist, emits `error` (BadClientError). */
  send(topic: string, message: unknown, clientId: string): void {
    if (this.#refuses('send', topic, message)) return;
    const peer = this.#clients.get(clientId)?.peer;
    if (!peer?.open) {
      const what = `There is no client ${clientId}; send to ids that the event 'connection' gave, while they are connected.`;
      this.emit('error', new BadClientError(what, message, topicName(topic), clientId));
    } else this.#messenger.send(topicName(topic), message, (packet) => peer.send(packet));
  }

  /** Sends a message to all clients. */
  broadcast(topic: string, message: unknown): void {
    if (this.#refuses('broadcast', topic, message)) return;
    this.#messenger.send(topicName(topic), message, (packet) => this.#engine.broadcast(packet));
  }

  /** Stops listening, sends what is queued, and closes every connection; then emits `close`. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#engine.core.stop({}).then(() => {
      emitSafely(this, 'closed');
      emitSafely(this, 'close');
    });
  }

  #refuses(method: string, topic: string, message: unknown): boolean {
    if (!this.#closing) return false;
    const what = `${method}() was called after close(); make a new Server to send again.`;
    this.emit('error', new SendAfterCloseError(what, message, topicName(topic)));
    return true;
  }

  #enter(peer: Peer): Known {
    const client = { id: nodeCrypto().randomUUID(), peer };
    this.#clients.set(client.id, client);
    emitSafely(this, 'connection', client.id, peer.socket);
    return client;
  }

  #leave({ id }: Known): void {
    this.#clients.delete(id);
    emitSafely(this, 'connectionClose', id);
  }

  #failed(error: IPCError, client: Known | undefined, socket: unknown): void {
    if (socket === undefined) {
      emitSafely(this, 'error', error);
      return;
    }
    if (isDecoding(error)) {
      emitSafely(this, 'messageError', error, client?.id);
      // Only the author of the transcoder knows whether the stream can still be decoded after an error, so the connection
      // is closed.
      if (this.#custom) client?.peer.destroy();
    }
    emitErrorSafely(this, error);
  }
}
