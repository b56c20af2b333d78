import { IPCError } from '../entities/errors.js';
import type { CloseInfo, Packet } from '../entities/packet.js';
import { escapeText } from '../entities/text.js';
import type { Acceptor } from './acceptor.js';
import type { ClientInfo, LocalClients, SurveyedClient } from './backplane.js';
import type { RequestOptions } from './conversations/request-options.js';
import type { Peer } from './peer.js';
import { rejected } from './promises.js';
import { hasId, isClientId, recipient } from './recipients.js';

/**
 * The clients of one server by their ids, which the server generates when they are first needed, and by their labels
 * (`socket.id`).
 */
export class ServerClients implements LocalClients {
  /** The id of the server. */
  readonly server: string;
  readonly #acceptor: Acceptor;
  readonly #ids = new Map<Peer, string>();
  readonly #peers = new Map<string, Peer>();
  #count = 0;

  constructor(server: string, acceptor: Acceptor) {
    this.server = server;
    this.#acceptor = acceptor;
  }

  /** The id of a client, which stays the same as long as it is connected. */
  idOf(peer: Peer): string {
    const known = this.#ids.get(peer);
    if (known !== undefined) return known;
    const id = `${this.server}.${++this.#count}`;
    this.#ids.set(peer, id);
    this.#peers.set(id, peer);
    return id;
  }

  /** The connected client with an id or label. */
  get(id: string): Peer | undefined {
    const peer = serverOf(id) === undefined ? recipient(this.#acceptor, id) : this.#peers.get(id);
    return peer?.admitted && peer.open ? peer : undefined;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** A client has disconnected. */
  forget(peer: Peer): void {
    const id = this.#ids.get(peer);
    if (id === undefined) return;
    this.#ids.delete(peer);
    this.#peers.delete(id);
  }

  /** All admitted clients. */
  get all(): Peer[] {
    return [...this.#acceptor.peers].filter(({ admitted, open }) => admitted && open);
  }

  /** All peers except those with the given sockets, ids or labels. */
  allBut(excepted: readonly unknown[]): Iterable<Peer> {
    if (excepted.length === 0) return this.#acceptor.peers;
    const ids = excepted.filter(isClientId);
    const peers = new Set(
      excepted.map((one) => (isClientId(one) ? this.#peers.get(String(one)) : this.#acceptor.peerOf(one))),
    );
    return [...this.#acceptor.peers].filter((peer) => !peers.has(peer) && !ids.some((id) => hasId(peer, id)));
  }

  list(): ClientInfo[] {
    return this.all.map((peer) => this.info(peer));
  }

  info(peer: Peer): ClientInfo {
    const { id: label, remoteAddress } = peer.socket as { id?: unknown; remoteAddress?: string };
    return {
      id: this.idOf(peer),
      server: this.server,
      label: isLabel(label) ? label : undefined,
      remoteAddress,
    };
  }

  emit(id: string, packet: Packet): boolean {
    return this.get(id)?.send(packet) ?? false;
  }

  ask(id: string, type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    return this.get(id)?.ask(type, data, options) ?? rejected(goneError(`The request ${type}`, id));
  }

  end(id: string, bye: CloseInfo | undefined): boolean {
    const peer = this.get(id);
    peer?.close(bye);
    return peer !== undefined;
  }

  /** Sends a request to all clients in parallel, and waits for all answers. */
  async survey(type: string, data: unknown, options: RequestOptions): Promise<SurveyedClient[]> {
    const peers = this.all;
    const ids = peers.map((peer) => this.idOf(peer));
    const results = await Promise.allSettled(peers.map((peer) => peer.ask(type, data, options)));
    return results.map((result, i) => ({ server: this.server, id: ids[i] as string, ...result }));
  }
}

/** The maximum length of a label that is passed on, in characters. */
const LONGEST_LABEL = 1000;

/** Whether a client's label is passed on, since a peer may send any value. */
export function isLabel(label: unknown): label is string | number {
  return typeof label === 'number' || (typeof label === 'string' && label.length <= LONGEST_LABEL);
}

/** The error of a client that is not connected, or no longer. */
export function goneError(what: string, id: string): IPCError {
  const message = `${what} was not sent: no client "${escapeText(id)}" is connected; server.clients() lists those that are.`;
  return new IPCError('ERR_IPC_DISCONNECTED', message);
}

/** The format of client ids: the server's id and a number. */
const ID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.\d{1,15}$/;

/** The id of the server in a client's id; undefined if the value is a label. */
export function serverOf(id: string): string | undefined {
  return ID.exec(id)?.[1];
}
