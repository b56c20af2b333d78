import type { ListenOptions as NetListenOptions, Server as NetServer, ServerOpts, Socket } from 'node:net';
import type { Address, StreamAddress } from '../../entities/address.js';
import type { Config } from '../../entities/config.js';
import type { IPCError } from '../../entities/errors.js';

/** The settings that a dial reads. */
export type DialOptions = Pick<Config, 'profile' | 'interfaces' | 'tls' | 'sameUser' | 'handshakeTimeout'>;

/** The settings that decide whether a connection is assured (`config.profile`). */
export type AssuranceOptions = Pick<Config, 'tls'>;

/** The settings that a listener reads. */
export type ListenOptions = Pick<
  Config,
  | 'profile'
  | 'mode'
  | 'group'
  | 'readableAll'
  | 'writableAll'
  | 'tls'
  | 'udp'
  | 'unlink'
  | 'exclusive'
  | 'maxConnections'
  | 'handshakeTimeout'
> & {
  /** More of what `net.createServer` takes. */
  readonly serverOptions?: ServerOpts | undefined;
  /** More of what `server.listen` takes. */
  readonly listenOptions?: NetListenOptions | undefined;
};

/** Takes connections. */
export interface Listener {
  /** What the user may know it by: Node's own server, or the port; another one after {@link ListenEvents.relisten}. */
  readonly server: unknown;
  /** The port number that the system gave, or that was asked for; undefined if there is none. */
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

/** What a listener reports beside connections. */
export interface ListenEvents<Carrier = unknown> {
  /** A connection is ready to be used: over TLS, after the handshake. */
  socket(carrier: Carrier): void;
  /** The listener, or a connection that never became one, failed. */
  error(error: unknown): void;
  /** The path no longer led to the listener, so it listens there again. */
  relisten?(): void;
}

/** Hears the messages of a {@link MessageCarrier}. */
export interface MessageReceiver {
  message(kind: string, value: unknown): void;
  /** The other side is gone. */
  closed(): void;
}

/** A connection that carries whole messages. */
export interface MessageCarrier {
  /** What the user knows it by. */
  readonly socket: unknown;
  /**
   * Sends a message.
   * @param transfer what is handed over and not copied, where that can be
   * @throws whatever says that the value cannot be copied
   */
  post(kind: string, value: unknown, transfer?: readonly unknown[]): void;
  /** Has all messages, those that have come already included, go to a receiver. */
  receive(receiver: MessageReceiver): void;
  /** Ends this side. */
  close(): void;
}

/** What comes of a dial: exactly one of these. */
export interface DialEvents<Carrier = unknown> {
  /** The connection may be used. */
  opened(carrier: Carrier): void;
  /** There is no connection; no error where it was given up by {@link Dialling.abandon}. */
  failed(error: IPCError | undefined): void;
}

/** One try to connect. */
export interface Dialling {
  /** What the user may know it by, while it connects. */
  readonly socket: unknown;
  /** Gives up; `failed` follows. */
  abandon(): void;
}

/**
 * How an address is dialed and listened on. What is connected is handed over as it is, and what it `carries` says which kind
 * of pipe goes over it: a byte stream, whole messages, or datagrams from and to anybody.
 */
export interface Transport<Where extends Address = Address, Carrier = unknown> {
  readonly carries: 'bytes' | 'messages' | 'datagrams';
  /** An address as a person writes it, for logs and errors: `/tmp/app.world`, `localhost:8000`. */
  describe(address: Where): string;
  /** An address with its transport, for tools: `unix:/tmp/app.world`, `tcp://localhost:8000`. */
  url(address: Where): string;
  /** Why `config.profile` 'assured' refuses an address, and what to do; undefined if it does not. */
  unassured(address: Where, config: AssuranceOptions, role: 'client' | 'server'): string | undefined;
  /**
   * Begins to connect.
   * @throws IPCError for an address or config that can never work
   */
  dial(address: Where, options: DialOptions, events: DialEvents<Carrier>): Dialling;
  /**
   * Listens.
   * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG or ERR_IPC_LISTEN (rejects).
   */
  listen(address: Where, options: ListenOptions, events: ListenEvents<Carrier>): Promise<Listener>;
  /** The error of a connection that broke. */
  broken(cause: Error): IPCError;
  /** Why a connection may have been closed before the other side said anything; nothing if that is unknown. */
  refusal?(carrier: Carrier, address: Where): IPCError | undefined;
}

/** A byte stream of Node's as a transport: what differs between Unix sockets, TCP and TLS. */
export interface StreamTransport<Where extends StreamAddress = StreamAddress> {
  /** The event of a dialed socket that says it may be used. */
  readonly ready: 'connect' | 'secureConnect';
  dial(address: Where, options: DialOptions): Socket;
  listen(address: Where, options: ListenOptions, events: ListenEvents<Socket>): Promise<StreamListener>;
  /** See {@link Transport.unassured}. */
  unassured(address: Where, config: AssuranceOptions, role: 'client' | 'server'): string | undefined;
  /** See {@link Transport.refusal}. */
  refusal?(socket: Socket, address: Where): IPCError | undefined;
}

/** A {@link Listener} of Node's. */
export interface StreamListener extends Listener {
  readonly server: NetServer;
}
