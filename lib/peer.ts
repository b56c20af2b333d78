import type { Config } from '../entities/config.js';
import { IPCError } from '../entities/errors.js';
import {
  BYE,
  type CloseInfo,
  closeInfoOf,
  isControl,
  type Packet,
  type PacketId,
  PING,
  toPacketError,
} from '../entities/packet.js';
import { type CallReference, isAboutStream, isItem } from '../entities/stream.js';
import { ACCUSATIONS } from './bye-errors.js';
import { type Busy, Closer } from './closer.js';
import type { StreamOptions } from './conversations/call-stream.js';
import { Calls } from './conversations/calls.js';
import type { ItemStream } from './conversations/item-stream.js';
import type { RequestOptions } from './conversations/request-options.js';
import type { Caller } from './conversations/responder.js';
import type { Session } from './conversations/sessions.js';
import type { Dialect } from './dialects/dialect.js';
import type { OpenRequest } from './inspection.js';
import type { Side } from './observe.js';
import type { Pipe, PipeListener } from './pipes/pipe.js';
import type { Stats } from './stats.js';

/** How long a refused client may take to read the reason, in milliseconds. */
const REFUSAL_GRACE = 1000;

/** The client or server that owns a remote. */
export interface PeerOwner {
  readonly side: Side;
  readonly config: Config;
  /** A packet that is an event, a request, or a control packet that the peer does not handle itself. */
  receive(packet: Packet, peer: Peer): void;
  /** The peer's dialect was detected. */
  detected?(peer: Peer): void;
  /** The server has accepted the preamble. */
  upgraded?(peer: Peer): void;
  /** The peer exceeded the limit of bytes before its admission. */
  exceeded?(peer: Peer): void;
  /** The peer's memory has grown by about this many bytes. */
  grew?(bytes: number): void;
  /** An error occurred. The peer stays connected unless it is also destroyed. */
  failed(error: IPCError, peer: Peer): void;
  /** The underlying connection broke, with the system's error. */
  broke(cause: Error, peer: Peer): void;
  /** The peer has disconnected. */
  closed(peer: Peer): void;
}

/** The table of a peer's calls. */
export interface PeerCalls {
  readonly calls: Calls;
  /** Whether the table is shared with other peers, so that a call may only be answered by the peer that was asked. */
  readonly directed: boolean;
}

/**
 * A remote as the application sees it, over any pipe. It answers pings, settles the calls that were made to it, and passes
 * everything else to its owner.
 */
export class Peer implements PipeListener, Caller, Busy {
  readonly pipe: Pipe;
  /** The bye that the peer sent, if any. */
  closeInfo: CloseInfo | undefined;
  /** The session of the client, if the server knows it. */
  session: Session<Caller> | undefined;
  streams: Caller['streams'];
  contexts: Caller['contexts'];
  /** A digest of the credentials with which it was admitted; '' if there were none. */
  principal = '';
  /** Whether the peer's hello was answered. */
  greeted = false;
  /** Whether the handshake is complete. */
  admitted = false;
  /** Whether the peer has shown that it uses our extensions of node-ipc's wire protocol. */
  #speaks = false;
  readonly #owner: PeerOwner;
  /** The call table that is shared with other peers, if it is shared. */
  readonly #shared: PeerCalls | undefined;
  #calls: Calls | undefined;
  #answering = 0;
  #closer: Closer | undefined;
  /** The bye to send at the end; the side that closes first chooses it. */
  #bye: CloseInfo | undefined;

  /** @param shared the table of calls to this peer; its own table if omitted */
  constructor(owner: PeerOwner, open: (listener: PipeListener) => Pipe, shared?: PeerCalls) {
    this.#owner = owner;
    this.#calls = shared?.calls;
    this.#shared = shared;
    this.pipe = open(this);
  }

  /** Who alone may settle its calls, in a table that others share. */
  get answerer(): Peer | undefined {
    return this.#shared?.directed === true ? this : undefined;
  }

  get side(): Side {
    return this.#owner.side;
  }

  get socket(): unknown {
    return this.pipe.socket;
  }

  get dialect(): Dialect {
    return this.pipe.dialect;
  }

  /**
   * Whether an `id` or `re` in the peer's packets has the meaning that our protocol gives it. In node-ipc's dialect the
   * peer must have shown that by a control packet, an answer, or a request for a type that is handled; otherwise these are
   * members that the program itself uses.
   */
  get speaks(): boolean {
    return this.#speaks || this.dialect.handshake.hello !== 'optional';
  }

  set speaks(shown: boolean) {
    this.#speaks = shown;
  }

  /** Whether packets can be sent. */
  get open(): boolean {
    return this.pipe.open;
  }

  get binary(): boolean {
    return this.dialect.capabilities.streams === 'bytes';
  }

  get congested(): boolean {
    return this.pipe.congested;
  }

  drained(callback: (lost: boolean) => void): void {
    this.pipe.drained(callback);
  }

  get openCalls(): number {
    return this.#calls?.size ?? 0;
  }

  /** The open requests to this peer; none if its call table is shared. */
  get openRequests(): OpenRequest[] {
    return this.#shared !== undefined ? [] : (this.#calls?.open ?? []);
  }

  get answering(): number {
    return this.#answering;
  }

  /** Whether the connection is about to close, so that no new request is accepted. */
  get leaving(): boolean {
    return this.#closer?.waits === true;
  }

  get stats(): Stats {
    const { stats } = this.pipe;
    stats.openRequests = this.openCalls;
    return stats;
  }

  /**
   * Sends a packet.
   * @returns false if the pipe is closing, or has too much unsent data
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(packet: Packet): boolean {
    return this.pipe.send(packet);
  }

  /** Sends a request; resolves with the answer. */
  ask(type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    // Options that are not an object are refused by the calls.
    const timeout = options?.timeout ?? this.#owner.config.requestTimeout;
    return this.#own().ask(type, data, timeout, options, this.#shared && this);
  }

  /**
   * Calls for a stream of the peer.
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_UNSUPPORTED
   */
  stream(type: string, data: unknown, options: StreamOptions): ItemStream {
    if (this.dialect.capabilities.streams === 'none') throw noStreams(this.dialect.name);
    return this.#own().stream(type, data, this.#owner.config.requestTimeout, options);
  }

  /** The table of calls to this peer. */
  #own(): Calls {
    this.#calls ??= new Calls(this.side, (packet) => this.send(packet));
    return this.#calls;
  }

  /** Answers a request of the peer. If the answer cannot be encoded, the reason is sent instead. */
  answer(type: string, re: PacketId, data: unknown, error?: unknown): void {
    if (!this.open) return;
    try {
      if (error === undefined) this.send({ type, data, re });
      else this.send({ type, data: undefined, re, error: toPacketError(error) });
    } catch (fault) {
      this.send({ type, data: undefined, re, error: toPacketError(fault) });
    }
  }

  /** Counts a request whose handler is running, so that closing can wait for it. */
  begin(): void {
    this.#answering++;
  }

  done(): void {
    this.#answering--;
    this.#closer?.check();
  }

  /** Ends the streams, which might run for a long time; handlers that do not answer are ignored. */
  giveUp(): void {
    const message = `The stream was ended, because closing waits no longer than config.requestTimeout (${this.#owner.config.requestTimeout} ms) for it; leave a stream before you close.`;
    this.#calls?.endStreams(new IPCError('ERR_IPC_CLOSED', message));
  }

  /** Rejects the calls to this peer, whose call table must not be shared. */
  endCalls(error: IPCError): void {
    this.#calls?.end(error);
  }

  /** Calls back when no request is open in either direction, or when handlers have exceeded `requestTimeout`. */
  whenIdle(callback: () => void): void {
    this.#closer?.cancel();
    const closer = new Closer(this, this.#owner.config.requestTimeout, callback);
    this.#closer = closer;
    if (this.#calls !== undefined) this.#calls.onIdle = () => closer.check();
    closer.check();
  }

  /** Waits for open requests, sends what is queued and the bye, and closes. */
  close(bye?: CloseInfo, grace?: number): void {
    this.#bye ??= bye;
    this.whenIdle(() => this.end(this.#bye, grace));
  }

  /** Sends what is queued and a bye, if there is one, and closes; see {@link Pipe.end}. */
  end(bye?: CloseInfo, grace?: number): void {
    if (!this.open) return;
    if (bye !== undefined) this.#sendBye(bye);
    this.pipe.end(grace);
  }

  /** Sends the reason and closes; nothing more is read from the peer. */
  refuse(bye: CloseInfo): void {
    if (!this.open) return;
    if (this.dialect.handshake.hello !== 'detect') this.#sendBye(bye);
    this.pipe.deafen();
    this.pipe.end(REFUSAL_GRACE);
  }

  /** Closes at once: unsent data is lost. */
  destroy(): void {
    this.pipe.destroy();
  }

  packet(packet: Packet): void {
    if (packet.re !== undefined) this.#answered(packet);
    else if (packet.error !== undefined) this.#misread(packet);
    else if (isControl(packet.type) && this.dialect.capabilities.calls) this.#control(packet);
    else this.#owner.receive(packet, this);
  }

  /** Reports a frame that could not be read. A request whose data nest too deep is refused; a stream with such an item fails. */
  #misread(packet: Packet): void {
    const error = packet.error as IPCError;
    this.#owner.failed(error, this);
    if (!this.open) return;
    if (isItem(packet)) this.#control(packet);
    else if (packet.id === undefined) return;
    else if (isControl(packet.type)) this.answer(packet.type, packet.id, undefined, error);
    else this.#owner.receive(packet, this);
  }

  /**
   * Settles a call. If this peer was never asked anything and has not shown that it uses our extensions, the packet is an
   * event whose `re` belongs to the program.
   */
  #answered(packet: Packet): void {
    if (!this.speaks && !isControl(packet.type) && this.#calls?.asked !== true) {
      if (packet.error instanceof IPCError) this.#owner.failed(packet.error, this);
      else this.#owner.receive({ type: packet.type, data: packet.data }, this);
      return;
    }
    if (this.#calls?.settle(packet, this.answerer)) this.#speaks = true;
  }

  detected(): void {
    this.#owner.detected?.(this);
  }

  upgraded(): void {
    this.#owner.upgraded?.(this);
  }

  exceeded(): void {
    this.#owner.exceeded?.(this);
  }

  failed(error: IPCError): void {
    this.#owner.failed(error, this);
  }

  /**
   * If the peer sent too much at once or too slowly, it is told so in a bye. After any other error, it may not even speak
   * our protocol.
   */
  unreadable(error: IPCError): void {
    const { code, message } = error;
    if (ACCUSATIONS.has(code)) this.refuse({ reason: message, reconnect: true, code });
    else this.destroy();
    this.#owner.failed(error, this);
  }

  grew(bytes: number): void {
    this.#owner.grew?.(bytes);
  }

  broke(cause: Error): void {
    this.#owner.broke(cause, this);
  }

  closed(): void {
    this.#closer?.cancel();
    this.#owner.closed(this);
  }

  /** A server does not answer pings of a peer that is not admitted. */
  get #answersPings(): boolean {
    return this.admitted || this.side === 'client';
  }

  #control(packet: Packet): void {
    this.#speaks = true;
    if (packet.type === PING && packet.id !== undefined && this.#answersPings) {
      this.answer(PING, packet.id, {});
      return;
    }
    if (isAboutStream(packet) && (packet.data as CallReference).re !== undefined) {
      this.#calls?.take(packet, this);
      return;
    }
    if (packet.type === BYE) this.closeInfo = closeInfoOf(packet.data);
    this.#owner.receive(packet, this);
  }

  /**
   * Sends a bye; dialects without byes just close. A reason that cannot be encoded is omitted. If the bye still exceeds
   * `config.maxMessageSize`, it is not sent.
   */
  #sendBye(bye: CloseInfo): void {
    if (!this.dialect.capabilities.calls) return;
    const { reason, ...rest } = bye;
    try {
      this.send({ type: BYE, data: bye });
    } catch (error) {
      this.failed(error as IPCError);
      try {
        this.send({ type: BYE, data: rest });
      } catch {}
    }
  }
}

/** The error of a stream in a dialect that cannot express streams. */
export function noStreams(dialect: string): IPCError {
  return new IPCError(
    'ERR_IPC_UNSUPPORTED',
    `A peer that speaks ${dialect} does not support streams; send requests or events.`,
  );
}
