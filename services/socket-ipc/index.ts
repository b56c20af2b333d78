import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Delay } from '../../entities/config/retries.js';
import { delayOf } from '../../entities/config/retries.js';
import { IPCError } from '../../entities/errors.js';
import { ClientStatus } from '../../entities/events.js';
import { ClientCore } from '../../lib/client-core.js';
import { nodeCrypto } from '../../lib/lazy-modules.js';
import type { Peer } from '../../lib/peer.js';
import { adapterConfig, checkAdapterOptions, type EngineOptions } from '../adapter/config.js';
import { emitErrorSafely, emitSafely } from '../adapter/emit-safely.js';
import { AdapterServer } from '../adapter/server.js';
import { NO_TOPIC } from './dialect.js';
import { BadClientError, DecodeError, NoServerError, SendAfterCloseError } from './errors.js';
import { TopicMessenger } from './messenger.js';
import { JsonTopics, TranscodedTopics, type Transcoder } from './transcoder.js';

export type { MessageWrapper } from './errors.js';
export {
  BadClientError,
  DecodeError,
  DecodeError as MessageError,
  EncodeError,
  NoServerError,
  SendAfterCloseError,
  SendError,
} from './errors.js';
export type { Transcoder } from './transcoder.js';

/** A fixed delay, or a range from which a random delay is chosen, in milliseconds. */
export type DelayRange = number | { min?: number; max?: number };

/** The options of a server, including settings of the engine. */
export interface ServerOptions extends EngineOptions {
  /** The path of the socket. */
  socketFile: string;
  /** A transcoder, if JSON is not suitable. */
  transcoder?: Transcoder | null | undefined;
}

/** The options of a client, including settings of the engine. */
export interface ClientOptions extends ServerOptions {
  /** The delay between attempts to connect. Default: 1000. */
  retryDelay?: DelayRange | undefined;
  /** The delay after a lost connection. Default: 100. */
  reconnectDelay?: DelayRange | undefined;
}

/** The options of both classes, since programs share one object: a server ignores those of clients. */
const OPTIONS = [
  'socketFile',
  'transcoder',
  'retryDelay',
  'reconnectDelay',
] as const satisfies readonly (keyof ClientOptions)[];

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

/** A client, as seen by its server. */
interface Known {
  readonly id: string;
  readonly peer: Peer;
}

/**
 * A server with the API and the wire protocol of `@crussell52/socket-ipc` 0.4: it receives messages with topics, and sends
 * them to one client or to all. Its events are {@link ServerEvents}.
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
    checkAdapterOptions(options, OPTIONS, 'The server');
    checkPath(options.socketFile);
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
      this.emit('error', new BadClientError(what, message, nameOf(topic), clientId));
    } else this.#messenger.send(nameOf(topic), message, (packet) => peer.send(packet));
  }

  /** Sends a message to all clients. */
  broadcast(topic: string, message: unknown): void {
    if (this.#refuses('broadcast', topic, message)) return;
    this.#messenger.send(nameOf(topic), message, (packet) => this.#engine.broadcast(packet));
  }

  /** Stops listening, sends what is queued, and closes every connection; then emits `close`. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#engine.core.stop({}).then(() => closed(this));
  }

  #refuses(method: string, topic: string, message: unknown): boolean {
    if (!this.#closing) return false;
    const what = `${method}() was called after close(); make a new Server to send again.`;
    this.emit('error', new SendAfterCloseError(what, message, nameOf(topic)));
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

/**
 * A client with the API and the wire protocol of `@crussell52/socket-ipc` 0.4: it connects, and reconnects after each lost
 * connection until it is closed. Its events are {@link ClientEvents}.
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
    checkAdapterOptions(options, OPTIONS, 'The client');
    checkPath(options.socketFile);
    this.#custom = Boolean(options.transcoder);
    this.#messenger = new TopicMessenger(this, options.transcoder);
    const retry = delay(options.retryDelay, 1000);
    const reconnect = delay(options.reconnectDelay, 100);
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
      this.emit('error', new SendAfterCloseError(what, message, nameOf(topic)));
    } else if (!this.#engine.open) {
      const what = "There is no connection just now; send after 'connect'.";
      this.emit('error', new NoServerError(what, message, nameOf(topic)));
    } else this.#messenger.send(nameOf(topic), message, (packet) => this.#engine.sendNow(packet));
  }

  /** Sends what is queued and closes for good; then emits `close`. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#engine.close(undefined).then(() => closed(this));
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

function closed(side: Server | Client): void {
  emitSafely(side, 'closed');
  emitSafely(side, 'close');
}

/** The options of the engine's client or server. */
function engineOptions(options: ServerOptions) {
  const address = { transport: 'unix', path: options.socketFile } as const;
  return { address, config: adapterConfig(options), log: () => {}, dialect: dialectOf(options) };
}

function dialectOf({ transcoder }: ServerOptions): JsonTopics | TranscodedTopics {
  return transcoder ? new TranscodedTopics(transcoder) : new JsonTopics();
}

/** Whether an error is a transcoder's decoding error, or our equivalent. */
function isDecoding(error: Error): boolean {
  return !(error instanceof IPCError) || error.code === 'ERR_IPC_DECODE';
}

/** Converts a topic to the form that is sent. */
function nameOf(topic: unknown): string {
  return topic === undefined || topic === null || topic === '' ? NO_TOPIC : String(topic);
}

function delay(range: DelayRange | undefined, usual: number): Delay {
  if (typeof range === 'number') return range;
  const { max = usual, min = Math.min(usual, max) } = range ?? {};
  return { min, max: Math.max(min, max) };
}

function checkPath(socketFile: unknown): void {
  if (typeof socketFile === 'string' && socketFile !== '' && !/^\d+$/.test(socketFile)) return;
  const message = `options.socketFile is ${JSON.stringify(socketFile)}; it must be the path of a socket.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/** For `import socketIpc from`. */
export default { Client, Server, MessageError: DecodeError };
