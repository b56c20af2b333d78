import type { IPCError } from '../entities/errors.js';
import type { CloseInfo, Meta, Packet } from '../entities/packet.js';
import type { RequestOptions } from './conversations/request-options.js';

/** A client as any server of its id knows it. */
export interface ClientInfo {
  /** Of this connection of the client, among the clients of all servers. */
  readonly id: string;
  /** The id of the server that it is connected to. */
  readonly server: string;
  /** What the client called itself in a payload (`config.identifyPeer`): a label, never an identity. */
  readonly label?: string | number | undefined;
  readonly remoteAddress?: string | undefined;
}

/** What came of a survey's request to one client, or to all clients of a server that did not answer. */
export type Surveyed = { readonly server: string; readonly id?: string } & PromiseSettledResult<unknown>;

/** What is done with a client by its id, or by its label. */
export interface ClientActions {
  /** @returns false if it is known at once that it was not sent */
  emit(id: string, packet: Packet): boolean;
  ask(id: string, type: string, data: unknown, options: RequestOptions): Promise<unknown>;
  /** Ends its connection; with a bye, that is said first. */
  end(id: string, bye: CloseInfo | undefined): void;
}

/** The clients of one server. */
export interface LocalClients extends ClientActions {
  survey(type: string, data: unknown, options: RequestOptions): Promise<Surveyed[]>;
  list(): ClientInfo[];
  /** Whether a client is there. */
  has(id: string): boolean;
}

/** What a server lets the others do. */
export interface LocalServer {
  clients(): LocalClients;
  /** Sends a packet to all of its clients but these. */
  broadcast(packet: Packet, except: readonly string[]): void;
  /** Sends a message to its subscribers of a topic. */
  publish(topic: string, data: unknown, meta: Meta | undefined): void;
}

/** What a server hears of the others. */
export interface BackplaneEvents {
  /** A server has come, or is gone. */
  joined(server: string): void;
  left(server: string): void;
  failed(error: IPCError): void;
}

/** The other servers of the same id, as one of them sees them. What it does with clients is for those of the others. */
export interface Backplane extends ClientActions {
  /** The id of this server, which begins those of its clients. */
  readonly server: string;
  /** The ids of the others. */
  readonly others: readonly string[];
  /** @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE */
  broadcast(packet: Packet, except: readonly string[]): void;
  /** @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE */
  publish(topic: string, data: unknown, meta: Meta | undefined): void;
  survey(type: string, data: unknown, options: RequestOptions): Promise<Surveyed[]>;
  /** @param timeout milliseconds; what a server that does not answer in time has is left out, and reported */
  list(timeout: number): Promise<ClientInfo[]>;
  /** Keeps the process running, as it does unless {@link unref} was called. */
  ref(): void;
  /** Lets the process end. Without effect over NATS. */
  unref(): void;
  /**
   * Sends what is left, and leaves for good.
   * @param timeout milliseconds that the others have to take it
   */
  leave(timeout?: number): Promise<void>;
}

/** Joins the servers of the same id; what they send comes when what awaits this has run. */
export type JoinBackplane = (local: LocalServer, events: BackplaneEvents) => Promise<Backplane>;
