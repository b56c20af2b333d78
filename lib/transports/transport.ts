import type { ListenOptions as NetListenOptions, Server as NetServer, ServerOpts, Socket } from 'node:net';
import type { Address, StreamAddress } from '../../entities/address.js';
import type { Config } from '../../entities/config.js';
import type { IPCError } from '../../entities/errors.js';

/** The settings that connecting reads. */
export type DialOptions = Pick<Config, 'profile' | 'interfaces' | 'tls' | 'sameUser' | 'handshakeTimeout'>;

/** The settings that decide whether a connection meets the profile 'assured'. */
export type AssuranceOptions = Pick<Config, 'tls'>;

/** The settings that listening reads. */
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
  /** Further options of `net.createServer`. */
  readonly serverOptions?: ServerOpts | undefined;
  /** Further options of `server.listen`. */
  readonly listenOptions?: NetListenOptions | undefined;
};

/** Accepts connections. */
export interface Listener {
  /** The underlying object for the user: Node's own server, or the port. It changes with {@link ListenEvents.relisten}. */
  readonly server: unknown;
  /** The port number that the server is bound to; undefined if it has none. */
  readonly port: number | undefined;
  /** Stops listening; existing connections continue. */
  close(): Promise<void>;
  /** Ends the connections that never became ready. */
  abandon?(): void;
  /** Keeps the process alive. This is the default; see {@link unref}. */
  ref(): void;
  /** Lets the process exit although it listens. */
  unref(): void;
}

/** The events of a listener. */
export interface ListenEvents<Carrier = unknown> {
  /** A connection is ready to use: over TLS, after the handshake. */
  socket(carrier: Carrier): void;
  /** The listener failed, or a connection failed before it was ready. */
  error(error: unknown): void;
  /** The path no longer led to the listener, so it listens on a new file there. */
  relisten?(): void;
}

/** Receives the messages of a {@link MessageCarrier}. */
export interface MessageReceiver {
  message(kind: string, value: unknown): void;
  /** A message could not be deserialized; its sender is not known. */
  misread(cause: unknown): void;
  /** The other side is gone. */
  closed(): void;
}

/** A connection that carries whole messages, as opposed to bytes. */
export interface MessageCarrier {
  /** The underlying object for the user. */
  readonly socket: unknown;
  /** Whether bytes arrive as bytes, as with structured clones and unlike in JSON. */
  readonly bytes: boolean;
  /**
   * Sends a message.
   * @param transfer what to transfer in place of copying, where the port supports that
   * @throws the port's error if the value cannot be cloned
   */
  post(kind: string, value: unknown, transfer?: readonly unknown[]): void;
  /** Sets the receiver of all messages, including those that have arrived already. */
  receive(receiver: MessageReceiver): void;
  /** Ends this side. */
  close(): void;
}

/** The outcome of a connection attempt: exactly one of these is called. */
export interface DialEvents<Carrier = unknown> {
  /** The connection is ready to use. */
  opened(carrier: Carrier): void;
  /** The attempt failed. There is no error if {@link Dialling.abandon} aborted it. */
  failed(error: IPCError | undefined): void;
}

/** One attempt to connect. */
export interface Dialling {
  /** The underlying object for the user while it connects. */
  readonly socket: unknown;
  /** Aborts the attempt; `failed` is called. */
  abandon(): void;
}

/**
 * How to connect to and listen on an address. A connection is passed on as it is; `carries` states which kind of pipe it
 * needs: for a byte stream, for whole messages, or for datagrams of any peer.
 */
export interface Transport<Where extends Address = Address, Carrier = unknown> {
  readonly carries: 'bytes' | 'messages' | 'datagrams';
  /** Formats an address for logs and errors: `/tmp/app.world`, `localhost:8000`. */
  describe(address: Where): string;
  /** Formats an address with its transport, for tools: `unix:/tmp/app.world`, `tcp://localhost:8000`. */
  url(address: Where): string;
  /** Why the profile 'assured' refuses an address, and what to do; undefined if it is allowed. */
  unassured(address: Where, config: AssuranceOptions, role: 'client' | 'server'): string | undefined;
  /**
   * Starts to connect.
   * @throws IPCError if the address or config is invalid
   */
  dial(address: Where, options: DialOptions, events: DialEvents<Carrier>): Dialling;
  /**
   * Listens.
   * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG or ERR_IPC_LISTEN (rejects).
   */
  listen(address: Where, options: ListenOptions, events: ListenEvents<Carrier>): Promise<Listener>;
  /** The error of a connection that broke. */
  broken(cause: Error): IPCError;
  /** The likely reason why a connection was closed before the other side sent anything; undefined if it is unknown. */
  refusal?(carrier: Carrier, address: Where): IPCError | undefined;
}

/** What differs between the byte streams of Node: Unix sockets, TCP and TLS. */
export interface StreamTransport<Where extends StreamAddress = StreamAddress> {
  /** The event of a connecting socket that reports that it is ready. */
  readonly ready: 'connect' | 'secureConnect';
  dial(address: Where, options: DialOptions): Socket;
  listen(address: Where, options: ListenOptions, events: ListenEvents<Socket>): Promise<StreamListener>;
  /** See {@link Transport.unassured}. */
  unassured(address: Where, config: AssuranceOptions, role: 'client' | 'server'): string | undefined;
  /** See {@link Transport.refusal}. */
  refusal?(socket: Socket, address: Where): IPCError | undefined;
}

/** A {@link Listener} on a server of Node. */
export interface StreamListener extends Listener {
  readonly server: NetServer;
}
