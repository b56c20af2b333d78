import type { RemoteInfo, Socket } from 'node:dgram';
import type { Endpoint, UdpAddress } from '../entities/address.js';
import { describe } from '../entities/address.js';
import { type Config, validate } from '../entities/config.js';
import { IPCError, lostError, messageOf, reservedError } from '../entities/errors.js';
import {
  type Bytes,
  type Loose,
  type Name,
  type Payload,
  type Response,
  type Saying,
  SERVER_RESERVED,
  type ServerEvents,
} from '../entities/events.js';
import { type Encoded, eventName, isControl, type Packet, PING, toPacketError } from '../entities/packet.js';
import { type HandleOptions, Handlers, type RequestHandler } from './conversations/handlers.js';
import { type RequestOptions, Requests } from './conversations/requests.js';
import { type Surveyed, survey, surveyTimes } from './conversations/surveys.js';
import { DatagramOutbox } from './datagram-outbox.js';
import { DatagramPeers } from './datagram-peers.js';
import { chooseDatagramDialect } from './dialects/choose.js';
import type { Dialect } from './dialects/dialect.js';
import { Emitter } from './emitter.js';
import type { Decoder } from './framing/framing.js';
import { identify } from './identify.js';
import { Lifecycle } from './lifecycle.js';
import type { Log } from './log.js';
import { observed } from './observe.js';
import { quiet } from './promises.js';
import { noStats, type Stats } from './stats.js';
import { bindDatagrams, LONGEST_DATAGRAM } from './transports/udp.js';

const RESERVED = new Set(SERVER_RESERVED);

/** What came of one peer's request in a survey: as `Promise.allSettled` has it, with the peer. */
export type PeerResult<Answer> = Surveyed<Endpoint, Answer>;

/**
 * What `ipc.server` holds for UDP: it receives and sends datagrams, each of one or more whole frames. There are no
 * connections; its peers are those it has heard from, or sent to by their IP address.
 */
export class DatagramServer<Contract extends object = Loose>
  extends Emitter<Contract, ServerEvents<Endpoint>, Endpoint>
  implements AsyncDisposable
{
  readonly side = 'server';
  /** The host. */
  readonly path: string;
  readonly config: Config;
  readonly log: Log;
  readonly udp4: boolean;
  readonly udp6: boolean;
  /** The port; the one the system gave where 0 was asked for. */
  port: number;
  /** Node's own socket, while it is bound. */
  server: Socket | false = false;
  readonly #family: 'udp4' | 'udp6';
  readonly #dialect: Dialect;
  readonly #decoder: Decoder;
  readonly #peers: DatagramPeers;
  readonly #handlers = new Handlers();
  readonly #requests = new Requests('server', () => false);
  readonly #stats = noStats();
  readonly #outbox = new DatagramOutbox((datagram, frames, peer) => this.#transmit(datagram, frames, peer));
  /** What was emitted before the socket was bound, and how many bytes that is. */
  #early: [Buffer, number, Endpoint][] = [];
  #earlySize = 0;
  /** Who sent the datagram that is being read. */
  #sender: Endpoint = { address: '', port: 0 };
  /** Datagrams, and their bytes, on their way to the kernel. */
  #sending = 0;
  #pending = 0;
  #onSent: (() => void) | undefined;
  readonly #lifecycle = new Lifecycle<this>();

  constructor(config: Config, log: Log, path: string, port: number, family: 'udp4' | 'udp6') {
    super();
    this.config = config;
    this.log = log;
    this.path = path;
    this.port = port;
    this.udp4 = family === 'udp4';
    this.udp6 = family === 'udp6';
    this.#family = family;
    this.#peers = new DatagramPeers(this.udp4 ? 4 : 6);
    this.#dialect = chooseDatagramDialect(config);
    this.#decoder = this.#dialect.decoder(config);
  }

  /** The peers that a broadcast reaches. */
  get sockets(): Endpoint[] {
    return [...this.#peers.all()];
  }

  /** Figures since it was bound. */
  stats(): Stats & { connections: number } {
    return { ...this.#stats, openRequests: this.#requests.size, pendingBytes: this.#pending, connections: 0 };
  }

  /**
   * Binds the socket; `start` is emitted when it is.
   * @throws IPCError (rejects, and reaches `error`) ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, ERR_IPC_LISTEN
   */
  start(): Promise<this> {
    return this.#lifecycle.start(
      () => this.#start(),
      (error) => this.#report(error as IPCError),
    );
  }

  /** Sends what is left, closes the socket, and rejects open requests. */
  stop(): Promise<void> {
    return this.#lifecycle.stop(() => this.#stop());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Sends an event to a peer, `{ address, port }`; to all known ones where it names none, as node-ipc 9. With `rawBuffer`,
   * sends the bytes given after the peer.
   * @returns false where it was not taken, and `error` says why
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_ARGUMENT
   */
  emit<Type extends Name<Contract>>(peer: Endpoint, type: Type, ...data: Saying<Contract, Type>): boolean;
  emit(peer: Endpoint, bytes: Bytes<Contract>): boolean;
  emit(peer: Endpoint, type: unknown, data?: unknown): boolean {
    const packet = this.#packet(type, data);
    if (this.config.logPayloads) this.log('sending', packet.type, packet.data);
    if (peer?.address && peer.port) return this.#send(packet, peer);
    this.#sendAll(packet);
    return true;
  }

  /** Sends an event to every known peer. */
  broadcast<Type extends Name<Contract>>(type: Type, ...data: Saying<Contract, Type>): this;
  broadcast(bytes: Bytes<Contract>): this;
  broadcast(type: unknown, data?: unknown): this {
    const packet = this.#packet(type, data);
    if (this.config.logPayloads) this.log('broadcasting', packet.type, packet.data);
    this.#sendAll(packet);
    return this;
  }

  /** Asks one peer; a datagram lost either way shows as ERR_IPC_TIMEOUT. Options as for `Server.request`. */
  request<Type extends Name<Contract>>(
    peer: Endpoint,
    type: Type,
    ...[data, options = {}]: Saying<Contract, Type, [options?: RequestOptions]>
  ): Promise<Response<Contract, Type>> {
    return this.#ask(peer, eventName(type), data, options) as Promise<Response<Contract, Type>>;
  }

  /** Asks every known peer and waits for all of them. */
  survey<Type extends Name<Contract>>(
    type: Type,
    ...[data, options = {}]: Saying<Contract, Type, [options?: RequestOptions]>
  ): Promise<PeerResult<Response<Contract, Type>>[]> {
    const name = eventName(type);
    return survey(this.sockets, (peer) => this.#ask(peer, name, data, options)) as Promise<
      PeerResult<Response<Contract, Type>>[]
    >;
  }

  /** Milliseconds to every known peer and back. */
  ping(options: RequestOptions = {}): Promise<PeerResult<number>[]> {
    return surveyTimes(this.sockets, (peer) => this.#ask(peer, PING, undefined, options));
  }

  /** Answers the peers' requests of a type; see `Server.handle`. */
  handle<Type extends Name<Contract>>(
    type: Type,
    handler: RequestHandler<Payload<Contract, Type>, Response<Contract, Type>, Endpoint>,
  ): this;
  handle<Type extends Name<Contract>, Input = Payload<Contract, Type>>(
    type: Type,
    options: HandleOptions<Input>,
    handler: RequestHandler<Input, Response<Contract, Type>, Endpoint>,
  ): this;
  handle(type: string, ...rest: unknown[]): this {
    this.#handlers.add(type, rest);
    return this;
  }

  /** @throws IPCError ERR_IPC_UNSUPPORTED: topics need connections */
  subscribe(): Promise<never> {
    return quiet(Promise.reject(unsupported('subscribe')));
  }

  /** @throws IPCError ERR_IPC_UNSUPPORTED: topics need connections */
  unsubscribe(): Promise<never> {
    return quiet(Promise.reject(unsupported('unsubscribe')));
  }

  /** @throws IPCError ERR_IPC_UNSUPPORTED: topics need connections */
  publish(): never {
    throw unsupported('publish');
  }

  /** @throws IPCError ERR_IPC_UNSUPPORTED: nothing holds back who sends datagrams */
  pause(): never {
    throw unsupported('pause');
  }

  /** @throws IPCError ERR_IPC_UNSUPPORTED: nothing holds back who sends datagrams */
  resume(): never {
    throw unsupported('resume');
  }

  async #start(): Promise<this> {
    const { config, path, port } = this;
    const address: UdpAddress = { transport: 'udp', family: this.#family, host: path, port };
    this.log('starting server on', describe(address));
    validate(config);
    const socket = await bindDatagrams(address);
    socket.on('message', (bytes, from) => this.#received(bytes, from));
    socket.on('error', (cause) => this.#failed('The UDP socket failed', cause));
    this.server = socket;
    this.port = socket.address().port;
    this.#stats.since = Date.now();
    this.#earlySize = 0;
    for (const [bytes, frames, peer] of this.#early.splice(0)) this.#transmit(bytes, frames, peer);
    this.trigger('start', { address: path, port: this.port });
    return this;
  }

  async #stop(): Promise<void> {
    const socket = this.server as Socket;
    this.#outbox.flush();
    if (this.#sending > 0) {
      await new Promise<void>((resolve) => {
        this.#onSent = resolve;
      });
    }
    this.server = false;
    this.#requests.end(lostError('the peer'));
    this.#peers.clear();
    await new Promise<void>((resolve) => socket.close(resolve));
    this.log('server stopped');
    this.trigger('close');
  }

  #packet(type: unknown, data: unknown): Packet {
    if (this.config.rawBuffer) return { type: 'data', data: type };
    return { type: eventName(type), data };
  }

  #send(packet: Packet, peer: Endpoint): boolean {
    return this.#push(this.#dialect.encode(packet), packet, this.#peers.of(peer));
  }

  #sendAll(packet: Packet): void {
    const encoded = this.#dialect.encode(packet);
    for (const peer of this.#peers.all()) this.#push(encoded, packet, peer);
  }

  #push(encoded: Encoded, packet: Packet, peer: Endpoint): boolean {
    if (observed.packetOut.hasSubscribers) {
      observed.packetOut.publish({ side: this.side, socket: peer, packet });
    }
    return this.#outbox.push(encoded, peer);
  }

  #transmit(datagram: Buffer, frames: number, peer: Endpoint): boolean {
    const size = datagram.length;
    if (size > LONGEST_DATAGRAM) {
      const message = `A packet of ${size} bytes does not fit a datagram of ${LONGEST_DATAGRAM}; send less, or use TCP.`;
      this.#report(new IPCError('ERR_IPC_TOO_LARGE', message), peer);
      return false;
    }
    if (this.server === false) return this.#keep(datagram, frames, peer);
    this.#sending++;
    this.#pending += size;
    this.#stats.packetsOut += frames;
    this.#stats.bytesOut += size;
    this.server.send(datagram, peer.port, peer.address, (cause) => {
      this.#sending--;
      this.#pending -= size;
      if (cause) this.#failed(`A datagram to ${peer.address}:${peer.port} was not sent`, cause, peer);
      if (this.#sending === 0) this.#onSent?.();
    });
    return true;
  }

  /** Holds a datagram until the socket is bound. */
  #keep(bytes: Buffer, frames: number, peer: Endpoint): boolean {
    const most = this.config.maxPendingBytes;
    if (this.#earlySize + bytes.length > most) {
      const message = `More than ${most} bytes (config.maxPendingBytes) wait for the server to start; this packet is not taken.`;
      this.#report(new IPCError('ERR_IPC_BACKPRESSURE', message), peer);
      return false;
    }
    this.#earlySize += bytes.length;
    this.#early.push([bytes, frames, peer]);
    return true;
  }

  #received(bytes: Buffer, from: RemoteInfo): void {
    const { met } = this.#peers;
    this.#sender = this.#peers.meet(from.address, from.port);
    if (this.#peers.met > met) this.trigger('connect', this.#sender);
    this.#stats.bytesIn += bytes.length;
    try {
      this.#decoder.push(bytes, this.#deliver);
    } catch (error) {
      this.#report(error as IPCError, this.#sender);
    }
    if (this.#decoder.buffered === 0) return;
    const rest = this.#decoder.rest().toString('utf8', 0, 80);
    const message = `A datagram from ${from.address}:${from.port} ends without the delimiter; dropped: ${JSON.stringify(rest)}`;
    this.#report(new IPCError('ERR_IPC_DECODE', message), this.#sender);
  }

  readonly #deliver = (packet: Packet): boolean => {
    const { type, data, id, re, error } = packet;
    const peer = this.#sender;
    this.#stats.packetsIn++;
    if (observed.packetIn.hasSubscribers) {
      observed.packetIn.publish({ side: this.side, socket: peer, packet });
    }
    if (re !== undefined) this.#requests.settle(packet, peer);
    else if (error !== undefined) this.#report(error as IPCError, peer);
    else if (id !== undefined) this.#answer(packet, peer);
    else if (isControl(type) || (RESERVED.has(type) && !this.config.allowReservedEvents)) {
      this.#report(reservedError(type), peer);
    } else {
      if (this.config.identifyPeer) identify(peer, data);
      if (this.config.logPayloads) this.log('received', type, data);
      this.dispatch(type, data, peer);
    }
    return true;
  };

  #answer(packet: Packet, peer: Endpoint): void {
    const { type, id } = packet;
    if (type === PING) {
      this.#send({ type, data: undefined, re: id }, peer);
      return;
    }
    this.#handlers.run(packet, peer, (data, error) => {
      if (this.server === false) return;
      try {
        if (error === undefined) this.#send({ type, data, re: id }, peer);
        else this.#send({ type, data: undefined, re: id, error: toPacketError(error) }, peer);
      } catch (fault) {
        this.#send({ type, data: undefined, re: id, error: toPacketError(fault) }, peer);
      }
    });
  }

  #ask(peer: Endpoint, type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    const timeout = options.timeout ?? this.config.requestTimeout;
    const known = peer && this.#peers.of(peer);
    const send = (packet: Packet) => this.#send(packet, known);
    // Whom a host's name means is not known here, so anybody may answer for it.
    const from = known?.family === undefined ? undefined : known;
    return quiet(this.#requests.ask(type, data, timeout, options, send, from));
  }

  #failed(what: string, cause: unknown, peer?: Endpoint): void {
    this.#report(new IPCError('ERR_IPC_SOCKET', `${what}: ${messageOf(cause)}.`, { cause }), peer);
  }

  #report(error: IPCError, peer?: Endpoint): void {
    if (observed.error.hasSubscribers) observed.error.publish({ side: this.side, error, socket: peer });
    this.log('error:', error.message);
    this.trigger('error', error, peer);
  }
}

function unsupported(what: string): IPCError {
  const message = `${what}() does not exist over UDP; use a Unix socket, TCP or TLS, or emit() and broadcast().`;
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}
