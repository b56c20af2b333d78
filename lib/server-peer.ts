import { IPCError } from '../entities/errors.js';
import type { Bytes, EventArguments, Name, Response } from '../entities/events.js';
import type { Packet } from '../entities/packet.js';
import { brief } from '../entities/suggest.js';
import type { ClientActions, ClientInfo } from './backplane.js';
import { checkOnce, type RequestOptions } from './conversations/request-options.js';
import type { Peer } from './peer.js';
import { suppressUnhandled } from './promises.js';

/** How a server sends packets for {@link ServerPeer}. */
export interface Wording {
  /**
   * Creates the packet of an event or, with `rawBuffer`, of bytes.
   * @throws IPCError ERR_IPC_ARGUMENT
   */
  packet(type: unknown, data: unknown): Packet;
  /**
   * Checks the name of a request.
   * @throws IPCError ERR_IPC_ARGUMENT
   */
  name(type: unknown): string;
  /** Sends a packet to a client of this server; {@link ask} sends a request. */
  emit(peer: Peer, packet: Packet): boolean;
  ask(peer: Peer, type: string, data: unknown, options: RequestOptions): Promise<unknown>;
}

/** What is known of a client; if it was given by its label, only the label. */
export type KnownOf =
  | ClientInfo
  | { id: string; server?: undefined; label?: undefined; remoteAddress?: undefined };

/**
 * One client of this server or of another server of its backplane, as returned by `server.peer(...)` and
 * `server.clients()`.
 */
export class ServerPeer<Contract extends object, Remote> {
  /** The unique id of this connection. It is never used again, on any server. */
  readonly id: string;
  /** The id of the server that the client is connected to; undefined if it was given by a label that no client here has. */
  readonly server: string | undefined;
  /** Its socket, if it is connected to this server. */
  readonly socket: Remote | undefined;
  /** The label that it sent, which is its `socket.id` (`config.identifyPeer`); it is not an authenticated identity. */
  readonly label: string | number | undefined;
  /** Its IP address, if it is connected over TCP or TLS. */
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
   * Sends an event or, with `rawBuffer`, bytes.
   * @param type the name of the event
   * @param data the payload; without it, handlers get `{}`, as in node-ipc
   * @param bytes with `rawBuffer`: the bytes, or a string in `config.encoding`
   * @returns false if it was not accepted. If the client of another server has gone, an `error` event reports that later
   * (ERR_IPC_DISCONNECTED)
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name is not permitted;
   * ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data cannot be sent
   */
  emit<Type extends Name<Contract>>(type: Type, ...data: EventArguments<Contract, Type>): boolean;
  emit(bytes: Bytes<Contract>): boolean;
  emit(type: unknown, data?: unknown): boolean {
    return this.#actions.emit(this.id, this.#wording.packet(type, data));
  }

  /**
   * Sends a request to the client, like `server.request(socket, ...)`.
   * @param type the name of the request
   * @param data the payload, followed by the options
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_EVENT_TOO_LARGE or ERR_IPC_EVENT_NOT_ALLOWED if the name or an option is
   * invalid; (rejects) ERR_IPC_TIMEOUT, ERR_IPC_ABORTED, ERR_IPC_DISCONNECTED, ERR_IPC_UNSENT if the client does not read
   * fast enough, ERR_IPC_NO_HANDLER, ERR_IPC_INVALID_INPUT, ERR_IPC_INVALID_OUTPUT, or the handler's own error;
   * ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP or ERR_IPC_TOO_LARGE if the data cannot be sent
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

  /**
   * Closes the client's connection: waits for open requests, sends what is queued and, if there is a reason, a bye.
   * @param reason any JSON value; without it, the client gets no bye
   * @param reconnect whether the client should reconnect, if there is a reason
   * @returns false if the client is not connected; true if it is another server's, which may find that it is not
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_UNSUPPORTED over UDP, which has no connections
   */
  close(reason?: unknown, reconnect = false): boolean {
    checkReconnect('peer.close(reason, reconnect)', reconnect);
    return this.#actions.end(this.id, reason === undefined ? undefined : { reason, reconnect });
  }
}

/**
 * Checks the argument that says whether a client should reconnect.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkReconnect(owner: string, reconnect: unknown): void {
  if (typeof reconnect === 'boolean') return;
  const message = `${owner} takes true or false as reconnect, and was given ${brief(reconnect)}.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}
