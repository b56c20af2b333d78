import { IPCError } from '../entities/errors.js';
import { inspect } from '../entities/inspect.js';
import { type CloseInfo, type Packet, withMeta } from '../entities/packet.js';
import type { Backplane, ClientActions, SurveyedClient } from './backplane.js';
import type { RequestOptions } from './conversations/request-options.js';
import { survey } from './conversations/surveys.js';
import { unsupported } from './datagram-acceptor.js';
import { interceptors, ofServer, optionsWith } from './interceptors.js';
import type { Peer } from './peer.js';
import { rejected } from './promises.js';
import { isClientId, recipient } from './recipients.js';
import { goneError, serverOf } from './server-clients.js';
import type { ServerCore } from './server-core.js';
import { type KnownOf, ServerPeer, type Wording } from './server-peer.js';

const SHOWN = { depth: 0, maxStringLength: 80, breakLength: Number.POSITIVE_INFINITY };

/** The clients of a server and, if it has a backplane, of all other servers with its id. */
export class AllClients<Contract extends object, Remote> implements ClientActions {
  readonly #core: ServerCore;
  readonly #wording: Wording;

  constructor(core: ServerCore, wording: Wording) {
    this.#core = core;
    this.#wording = wording;
  }

  /** The client of this server that is identified by a socket, an endpoint, an id or a {@link ServerPeer}. */
  here(client: unknown): Peer | undefined {
    // Usually it is a socket, and this runs with every event.
    if (typeof client === 'string') return this.#core.clients.get(client);
    const known = recipient(this.#core.acceptor, client);
    return known === undefined && client instanceof ServerPeer ? this.#core.clients.get(client.id) : known;
  }

  /** The id or label of a client that another server may have; undefined without a backplane, and for ids of this server. */
  elsewhere(client: unknown): string | undefined {
    const { backplane } = this.#core;
    if (backplane === undefined) return undefined;
    const id = client instanceof ServerPeer ? client.id : client;
    return isClientId(id) && serverOf(String(id)) !== backplane.server ? String(id) : undefined;
  }

  /**
   * Finds a client by its socket, its id, or a {@link ServerPeer}.
   * @throws IPCError ERR_IPC_ARGUMENT for any other value, ERR_IPC_DISCONNECTED if the socket has disconnected
   */
  find(client: unknown): ServerPeer<Contract, Remote> {
    const here = this.here(client);
    if (here !== undefined) return this.#here(here);
    if (client instanceof ServerPeer) return client;
    if (isClientId(client)) {
      const id = String(client);
      const server = serverOf(id);
      return this.#peer(server === undefined ? { id } : { id, server });
    }
    if (typeof client === 'object' && client !== null) {
      const message = 'The client of that socket has disconnected; give the socket of a connected client.';
      throw new IPCError('ERR_IPC_DISCONNECTED', message);
    }
    const message = `${inspect(client, SHOWN)} is not a client; give a socket that the event 'connect' passed, or a client's id.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }

  /**
   * The clients of all servers.
   * @param timeout how long the other servers may take to answer, in milliseconds
   */
  async list(timeout: number): Promise<ServerPeer<Contract, Remote>[]> {
    const { clients, backplane } = this.#core;
    const here = clients.all.map((peer) => this.#here(peer));
    const elsewhere = (await backplane?.list(timeout)) ?? [];
    return [...here, ...elsewhere.map((info) => this.#peer(info))];
  }

  /**
   * Sends a packet to the clients of all servers.
   * @param excepted the sockets, ids or {@link ServerPeer}s of clients to skip
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_LARGE
   */
  broadcast(packet: Packet, excepted: readonly unknown[]): void {
    const { backplane } = this.#core;
    if (excepted.length === 0) {
      backplane?.broadcast(packet, []);
      this.#core.broadcast(packet);
      return;
    }
    const named = excepted.map((client) => (client instanceof ServerPeer ? client.id : client));
    backplane?.broadcast(packet, named.filter(isClientId).map(String));
    this.#core.broadcast(packet, this.#core.clients.allBut(named));
  }

  /** Sends a request to the clients of all servers, and waits for all answers. */
  async survey(
    type: string,
    data: unknown,
    options: RequestOptions,
  ): Promise<(Partial<SurveyedClient> & { socket: Remote | undefined } & PromiseSettledResult<unknown>)[]> {
    const { clients, backplane } = this.#core;
    const elsewhere = backplane && this.#surveyElsewhere(backplane, type, data, options);
    const here = await survey(clients.all, (peer: Peer) => this.#wording.ask(peer, type, data, options));
    const results = here.map(({ socket: peer, ...result }) => {
      const socket = peer.socket as Remote;
      return backplane === undefined
        ? { socket, ...result }
        : { socket, id: clients.idOf(peer), server: clients.server, ...result };
    });
    return [...results, ...((await elsewhere) ?? []).map((result) => ({ socket: undefined, ...result }))];
  }

  emit(id: string, packet: Packet): boolean {
    const peer = this.here(id);
    if (peer !== undefined) return this.#wording.emit(peer, packet);
    const backplane = this.#backplaneFor(id);
    if (backplane !== undefined) {
      if (interceptors.send === undefined) return backplane.emit(id, packet);
      return interceptors.send(ofServer('event', packet.type), (meta) =>
        backplane.emit(id, withMeta(packet, meta)),
      );
    }
    this.#core.report(goneError(packet.type, id), undefined, undefined);
    return false;
  }

  ask(id: string, type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    const peer = this.here(id);
    if (peer !== undefined) return this.#wording.ask(peer, type, data, options);
    const backplane = this.#backplaneFor(id);
    if (backplane === undefined) return rejected(goneError(`The request ${type}`, id));
    if (interceptors.send === undefined) return backplane.ask(id, type, data, options);
    return interceptors.send(ofServer('request', type), (meta) =>
      backplane.ask(id, type, data, optionsWith(options, meta)),
    );
  }

  /** @throws IPCError ERR_IPC_UNSUPPORTED over UDP */
  end(client: unknown, bye: CloseInfo | undefined): boolean {
    if (this.#core.acceptor.connectionless) throw unsupported('close');
    const peer = this.here(client);
    if (peer?.open) {
      peer.close(bye);
      return true;
    }
    const id = this.elsewhere(client);
    return id !== undefined && this.#core.backplane?.end(id, bye) === true;
  }

  /** For interceptors, the requests to the clients of other servers are a single request. */
  #surveyElsewhere(
    backplane: Backplane,
    type: string,
    data: unknown,
    options: RequestOptions,
  ): Promise<SurveyedClient[]> {
    if (interceptors.send === undefined || backplane.others.length === 0)
      return backplane.survey(type, data, options);
    return interceptors.send(ofServer('request', type), (meta) =>
      backplane.survey(type, data, optionsWith(options, meta)),
    );
  }

  #backplaneFor(id: string): Backplane | undefined {
    return this.elsewhere(id) === undefined ? undefined : this.#core.backplane;
  }

  #here(peer: Peer): ServerPeer<Contract, Remote> {
    return this.#peer(this.#core.clients.info(peer), peer.socket as Remote);
  }

  #peer(info: KnownOf, socket?: Remote): ServerPeer<Contract, Remote> {
    return new ServerPeer(info, socket, this, this.#wording);
  }
}
