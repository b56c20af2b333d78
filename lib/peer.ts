import type { Config } from '../entities/config.js';
import { closedError, IPCError, type IPCErrorCode } from '../entities/errors.js';
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
import { type CallReference, isAboutStream } from '../entities/stream.js';
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

/** Why a connection ends that the other side has made useless, where it is told so in a bye. */
export const ACCUSATIONS: ReadonlySet<string> = new Set([
  'ERR_IPC_OVERLOADED',
  'ERR_IPC_TIMEOUT',
  'ERR_IPC_TOO_LARGE',
] satisfies IPCErrorCode[]);

/** Whose remote it is: a client or a server. */
export interface PeerOwner {
  readonly side: Side;
  readonly config: Config;
  /** A packet that is an event, a request, or a control packet that the peer does not handle itself. */
  receive(packet: Packet, peer: Peer): void;
  /** It is known now which dialect the peer speaks. */
  detected?(peer: Peer): void;
  /** The server has agreed to the preamble. */
  upgraded?(peer: Peer): void;
  /** The peer sent more than it may before it is admitted. */
  exceeded?(peer: Peer): void;
  /** The peer holds so many bytes more of memory, or about as many. */
  grew?(bytes: number): void;
  /** Something went wrong; the peer stays unless it is destroyed as well. */
  failed(error: IPCError, peer: Peer): void;
  /** What carries the peer's packets broke, with the system's error. */
  broke(cause: Error, peer: Peer): void;
  /** The peer has disconnected. */
  closed(peer: Peer): void;
}

/** Where a peer's requests are kept. */
export interface PeerCalls {
  readonly calls: Calls;
  /** Whether the table is shared with other peers, and only this one may answer what it was asked. */
  readonly directed: boolean;
}

/**
 * One remote as the application sees it, over whichever pipe. It answers pings, settles the requests that it was asked, and
 * hands everything else to its owner.
 */
export class Peer implements PipeListener, Caller, Busy {
  readonly pipe: Pipe;
  /** What the peer said when it closed. */
  closeInfo: CloseInfo | undefined;
  /** The client as it comes and goes, where the server knows it. */
  session: Session<Caller> | undefined;
  streams: Caller['streams'];
  contexts: Caller['contexts'];
  /** What stands for the credentials that it was admitted with; '' where there were none. */
  principal = '';
  /** Whether the peer's hello has been answered. */
  greeted = false;
  /** Whether the two ends are done greeting. */
  admitted = false;
  /** Whether it has shown that it speaks what we add to node-ipc's wire. */
  #speaks = false;
  readonly #owner: PeerOwner;
  readonly #self: Peer | undefined;
  /** Whether the table belongs to others, too. */
  readonly #shares: boolean;
  #calls: Calls | undefined;
  #answering = 0;
  #closer: Closer | undefined;
  /** What is said at the end: whoever closes first chooses. */
  #bye: CloseInfo | undefined;

  /** `shared`: the table of what this peer is asked; its own where none is given. */
  constructor(owner: PeerOwner, open: (listener: PipeListener) => Pipe, shared?: PeerCalls) {
    this.#owner = owner;
    this.#calls = shared?.calls;
    this.#shares = shared !== undefined;
    this.#self = shared?.directed === true ? this : undefined;
    this.pipe = open(this);
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
   * Whether an `id` or `re` of the peer's is known to be ours. In node-ipc's dialect that is to be shown, by a control
   * packet, an answer or a request for a type that is handled: else they are members of somebody's own.
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

  /** What this peer alone has been asked. */
  get openRequests(): OpenRequest[] {
    return this.#shares ? [] : (this.#calls?.open ?? []);
  }

  get answering(): number {
    return this.#answering;
  }

  /** Whether it is about to end, so that no new request is taken. */
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
   * @returns false if the pipe is closing, or holds too much unsent already
   * @throws IPCError ERR_IPC_ENCODE
   */
  send(packet: Packet): boolean {
    return this.pipe.send(packet);
  }

  /** Asks the peer; resolves with its answer. */
  ask(type: string, data: unknown, options: RequestOptions): Promise<unknown> {
    // What is not an object is refused by the calls.
    const timeout = options?.timeout ?? this.#owner.config.requestTimeout;
    if (!this.#shares) return this.#own().ask(type, data, timeout, options);
    return this.#own().ask(type, data, timeout, options, (packet) => this.send(packet), this.#self);
  }

  /**
   * Calls the peer for a stream.
   * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_UNSUPPORTED
   */
  stream(type: string, data: unknown, options: StreamOptions): ItemStream {
    if (this.dialect.capabilities.streams === 'none') throw noStreams(this.dialect.name);
    return this.#own().stream(type, data, this.#owner.config.requestTimeout, options);
  }

  /** The table of what is asked of this peer. */
  #own(): Calls {
    this.#calls ??= new Calls(this.side, (packet) => this.send(packet));
    return this.#calls;
  }

  /** Answers a request of the peer; what cannot be encoded is answered with the reason. */
  answer(type: string, re: PacketId, data: unknown, error?: unknown): void {
    if (!this.open) return;
    try {
      if (error === undefined) this.send({ type, data, re });
      else this.send({ type, data: undefined, re, error: toPacketError(error) });
    } catch (fault) {
      this.send({ type, data: undefined, re, error: toPacketError(fault) });
    }
  }

  /** Counts a request whose handler is at work, so that a close can wait for it. */
  begin(): void {
    this.#answering++;
  }

  done(): void {
    this.#answering--;
    this.#closer?.check();
  }

  /** Ends the streams, whose end may be far; handlers that do not answer are left alone. */
  giveUp(): void {
    this.#calls?.endStreams(closedError('the connection'));
  }

  /** Rejects what was asked of this peer alone. */
  endCalls(error: IPCError): void {
    this.#calls?.end(error);
  }

  /** Calls back when no request is open either way, or the handlers have had `requestTimeout`. */
  whenIdle(callback: () => void): void {
    this.#closer?.cancel();
    const closer = new Closer(this, this.#owner.config.requestTimeout, callback);
    this.#closer = closer;
    if (this.#calls !== undefined) this.#calls.onIdle = () => closer.check();
    closer.check();
  }

  /** Waits for open requests, then sends what is left and the bye, and ends. */
  close(bye?: CloseInfo, grace?: number): void {
    this.#bye ??= bye;
    this.whenIdle(() => this.end(this.#bye, grace));
  }

  /** Sends what is left and a bye, where one is given, then ends; see {@link Pipe.end}. */
  end(bye?: CloseInfo, grace?: number): void {
    if (!this.open) return;
    if (bye !== undefined) this.#sendBye(bye);
    this.pipe.end(grace);
  }

  /** Sends the reason and ends; nothing more of the peer is read. */
  refuse(bye: CloseInfo): void {
    if (!this.open) return;
    if (this.dialect.handshake.hello !== 'detect') this.#sendBye(bye);
    this.pipe.deafen();
    this.pipe.end(REFUSAL_GRACE);
  }

  /** Ends at once: what is unsent is lost. */
  destroy(): void {
    this.pipe.destroy();
  }

  packet(packet: Packet): void {
    const { re } = packet;
    if (re !== undefined) this.#answered(packet, re);
    else if (packet.error !== undefined) this.#owner.failed(packet.error as IPCError, this);
    else if (isControl(packet.type) && this.dialect.capabilities.calls) this.#control(packet);
    else this.#owner.receive(packet, this);
  }

  /** A peer that was asked nothing, and has shown nothing, answers nothing. */
  #answered(packet: Packet, re: PacketId): void {
    if (!this.speaks && !isControl(packet.type) && this.#calls?.asked !== true) {
      this.#owner.receive({ type: packet.type, data: packet.data }, this);
      return;
    }
    if (this.#calls?.has(re)) this.#speaks = true;
    this.#calls?.settle(packet, this.#self);
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

  /** Whoever sends too much at a time, or too slowly, learns that; anything else may not even be a peer of ours. */
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

  /** A server answers nobody whom it has not admitted. */
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
   * A dialect without byes just ends. A reason that cannot be sent is left out, and a bye that `config.maxMessageSize` does not
   * allow even then is not sent.
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

/** Of a stream in a dialect that cannot express it. */
export function noStreams(dialect: string): IPCError {
  return new IPCError(
    'ERR_IPC_UNSUPPORTED',
    `A peer that speaks ${dialect} does not support streams; send requests or events.`,
  );
}
