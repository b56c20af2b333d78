import type { ListenOptions as NetListenOptions, Server as NetServer, ServerOpts, Socket } from 'node:net';
import type { StreamAddress } from '../../entities/address.js';
import type { Config } from '../../entities/config.js';

/** The settings that a dial reads. */
export type DialOptions = Pick<Config, 'interfaces' | 'tls' | 'sameUser'>;

/** The settings that a listener reads. */
export type ListenOptions = Pick<
  Config,
  | 'mode'
  | 'group'
  | 'readableAll'
  | 'writableAll'
  | 'tls'
  | 'unlink'
  | 'exclusive'
  | 'maxConnections'
  | 'handshakeTimeout'
> & {
  /** A descriptor that listens already; the address then says only where. */
  readonly fd?: number | undefined;
  /** More of what `net.createServer` takes. */
  readonly serverOptions?: ServerOpts | undefined;
  /** More of what `server.listen` takes. */
  readonly listenOptions?: NetListenOptions | undefined;
};

/** A socket that takes connections. */
export interface Listener {
  /** Node's own server; another one after {@link ListenEvents.relisten}. */
  readonly server: NetServer;
  /** The port that the system gave, or that was asked for; undefined for a path. */
  readonly port: number | undefined;
  /** Stops listening; connections already made live on. */
  close(): Promise<void>;
  /** Ends the connections that never became ready. */
  abandon?(): void;
  /** Keeps the process alive, as it does unless {@link unref} was called. */
  ref(): void;
  /** Lets the process end while it listens. */
  unref(): void;
}

/** What a listener reports beside sockets. */
export interface ListenEvents {
  /** A connection is ready to be used: over TLS, after the handshake. */
  socket(socket: Socket): void;
  /** The listener, or a connection that never became one, failed. */
  error(error: unknown): void;
  /** The path no longer led to the listener, so it listens there again. */
  relisten?(): void;
}

/** How bytes travel. */
export interface Transport<Where extends StreamAddress = StreamAddress> {
  /** The event of a dialled socket that says it may be used. */
  readonly ready: 'connect' | 'secureConnect';
  /** Begins to connect. */
  dial(address: Where, options: DialOptions): Socket;
  /**
   * Listens.
   * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG or ERR_IPC_LISTEN (rejects).
   */
  listen(address: Where, options: ListenOptions, events: ListenEvents): Promise<Listener>;
}
