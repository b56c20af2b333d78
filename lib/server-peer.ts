import { IPCError } from '../entities/errors.js';
import type { Bytes, EventArguments, Name, Response } from '../entities/events.js';
import type { Packet } from '../entities/packet.js';
import { brief } from '../entities/suggest.js';
import type { ClientActions, ClientInfo } from './backplane.js';
import { checkOnce, type RequestOptions } from './conversations/request-options.js';
import type { Peer } from './peer.js';
import { suppressUnhandled } from './promises.js';

/** What a server makes of what it is to send. */
export interface Wording {
  /** An event, or with `rawBuffer` bytes. @throws IPCError ERR_IPC_ARGUMENT */
  packet(type: unknown, data: unknown): Packet;
  /** The name of a request. @throws IPCError ERR_IPC_ARGUMENT */
  name(type: unknown): string;
  /** Sends to a client of this server, and asks one. */
  emit(peer: Peer, packet: Packet): boolean;
  ask(peer: Peer, type: string, data: unknown, options: RequestOptions): Promise<unknown>;
}

/** What is known of a client: of one that was named by a label, that alone. */
export type KnownOf =
  | ClientInfo
  | { id: string; server?: undefined; label?: undefined; remoteAddress?: undefined };

/** One client of a server, or of any server of its backplane: what `server.peer(...)` and `server.clients()` give. */
export class ServerPeer<Contract extends object, Remote> {
  /** Of this connection of the client; no other client of any server has it, and none gets it later. */
  readonly id: string;
  /** The id of the server that it is connected to; undefined if it was named by a label that no client here has. */
  readonly server: string | undefined;
  /** Its socket, where it is connected to this very server. */
  readonly socket: Remote | undefined;
  /** What it calls itself, which is its `socket.id` (`config.identifyPeer`): a label, never an identity. */
  readonly label: string | number | undefined;
  readonly remoteAddress: string | undefined;
  readonly #actions: ClientActions;
  readonly #wording: Wording;

  constructor(info: KnownOf, socket: Remote | undefined, actions: ClientActions, wording: Wording) {
    this.id = info.id;
    this.server = info.server;
    this.socket = socket;
    this.label = info.label;
    this.remoteAddress = info.remoteAddress;
    this.#actions = actions;
    this.#wording = wording;
  }

  /**
   * Sends an event, or with `rawBuffer` bytes.
   * @returns false if it was not taken. That the client of another server is gone is known later, and reaches `error`
   * (ERR_IPC_DISCONNECTED)
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_ARGUMENT
   */
  emit<Type extends Name<Contract>>(type: Type, ...data: EventArguments<Contract, Type>): boolean;
  emit(bytes: Bytes<Contract>): boolean;
  emit(type: unknown, data?: unknown): boolean {
    return this.#actions.emit(this.id, this.#wording.packet(type, data));
  }

  /**
   * Asks the client, as `server.request(socket, ...)` does.
   * @throws IPCError (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_NO_HANDLER, or the
   * handler's own error
   */
  request<Type extends Name<Contract>>(
    type: Type,
    ...[data, options = {}]: EventArguments<Contract, Type, [options?: RequestOptions]>
  ): Promise<Response<Contract, Type>> {
    const name = this.#wording.name(type);
    checkOnce(name, options);
    const response = this.#actions.ask(this.id, name, data, options);
    return suppressUnhandled(response) as Promise<Response<Contract, Type>>;
  }

  /** Ends the client's connection: open requests and what is left first, then, with a reason, the bye. */
  close(reason?: unknown, reconnect = false): void {
    checkReconnect('peer.close(reason, reconnect)', reconnect);
    this.#actions.end(this.id, reason === undefined ? undefined : { reason, reconnect });
  }
}

/**
 * Checks whether a client is told to come back.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkReconnect(owner: string, reconnect: unknown): void {
  if (typeof reconnect === 'boolean') return;
  const message = `${owner} takes true or false as reconnect, and was given ${brief(reconnect)}.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}
