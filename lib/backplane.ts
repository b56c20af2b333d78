import type { IPCError } from '../entities/errors.js';
import type { CloseInfo, Meta, Packet } from '../entities/packet.js';
import type { RequestOptions } from './conversations/request-options.js';

/** A client, as any server with the same id knows it. */
export interface ClientInfo {
  /** The id of this connection, unique among the clients of all servers. */
  readonly id: string;
  /** The id of the server that it is connected to. */
  readonly server: string;
  /** The label that the client sent in a payload (`config.identifyPeer`); it is not an authenticated identity. */
  readonly label?: string | number | undefined;
  readonly remoteAddress?: string | undefined;
}

/** The result of a survey's request to one client, or to all clients of a server that did not answer. */
export type SurveyedClient = {
  readonly server: string;
  readonly id?: string;
} & PromiseSettledResult<unknown>;

/** Operations on a client that is identified by its id or label. */
export interface ClientActions {
  /** @returns false if it is certain at once that the packet was not sent */
  emit(id: string, packet: Packet): boolean;
  ask(id: string, type: string, data: unknown, options: RequestOptions): Promise<unknown>;
  /**
   * Closes the client's connection. A bye, if given, is sent first.
   * @returns false if it is certain that the client is not connected
   */
  end(id: string, bye: CloseInfo | undefined): boolean;
}

/** The clients of one server. */
export interface LocalClients extends ClientActions {
  survey(type: string, data: unknown, options: RequestOptions): Promise<SurveyedClient[]>;
  list(): ClientInfo[];
  /** Whether a client is connected. */
  has(id: string): boolean;
}

/** What a server offers to the other servers. */
export interface LocalServer {
  clients(): LocalClients;
  /** Sends a packet to all of its clients except some. */
  broadcast(packet: Packet, except: readonly string[]): void;
  /** Sends a message to its subscribers of a topic. */
  publish(topic: string, data: unknown, meta: Meta | undefined): void;
}

/** What a server learns of the others. */
export interface BackplaneEvents {
  /** Another server has joined or left. */
  joined(server: string): void;
  left(server: string): void;
  failed(error: IPCError): void;
}

/** The other servers with the same id. Its operations on clients apply to the clients of those servers. */
export interface Backplane extends ClientActions {
  /** The id of this server, which is the prefix of its clients' ids. */
  readonly server: string;
  /** The ids of the other servers. */
  readonly others: readonly string[];
  /** @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE */
  broadcast(packet: Packet, except: readonly string[]): void;
  /** @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE */
  publish(topic: string, data: unknown, meta: Meta | undefined): void;
  survey(type: string, data: unknown, options: RequestOptions): Promise<SurveyedClient[]>;
  /** @param timeout in milliseconds. A server that does not answer in time is omitted, and reported */
  list(timeout: number): Promise<ClientInfo[]>;
  /** Keeps the process running. This is the default; see {@link unref}. */
  ref(): void;
  /** Lets the process exit. It has no effect over NATS. */
  unref(): void;
  /**
   * Sends what is queued, and leaves for good.
   * @param timeout how long the others may take to acknowledge, in milliseconds
   */
  leave(timeout?: number): Promise<void>;
}

/** Joins the servers with the same id. The caller's code after `await` runs before their first packet is delivered. */
export type JoinBackplane = (local: LocalServer, events: BackplaneEvents) => Promise<Backplane>;
