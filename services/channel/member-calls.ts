import { IPCError } from '../../entities/errors.js';
import { eventName, type Packet, type PacketId, toPacketError } from '../../entities/packet.js';
import type { CallReference } from '../../entities/stream.js';
import { counted } from '../../entities/text.js';
import { Calls } from '../../lib/conversations/calls.js';
import type { ItemStream } from '../../lib/conversations/item-stream.js';
import { checkRequestOptions } from '../../lib/conversations/request-options.js';
import type { OpenRequest } from '../../lib/inspection.js';
import { type Audience, checkOne } from './audience.js';
import type { MemberConnection } from './member-connections.js';
import type { Participant } from './participant.js';
import type { AskOptions, MemberStreamOptions } from './receiver.js';

/** The open requests of this member and the streams that it reads, and the runs of members that work on them. */
export class MemberCalls {
  readonly #participant: Pick<Participant, 'outgoing' | 'over'>;
  readonly #timeout: number;
  readonly #calls = new Calls('client', () => false, lostStream);
  /** The id of the run that works on each open call. */
  readonly #takers = new Map<PacketId, string>();
  /** The audience of each request that may be sent again. */
  readonly #retriable = new Map<PacketId, Audience>();

  /** @param timeout the timeout of requests that have no other, in milliseconds */
  constructor(participant: Pick<Participant, 'outgoing' | 'over'>, timeout: number) {
    this.#participant = participant;
    this.#timeout = timeout;
    this.#calls.onClosed = (id) => this.#closed(id);
    this.#calls.waitsFor = ({ id }) => (this.#takers.has(id) ? undefined : { for: 'a member to take it' });
  }

  get size(): number {
    return this.#calls.size;
  }

  /** The open calls, the oldest first. */
  get open(): OpenRequest[] {
    return this.#calls.open;
  }

  /** Called when the last open call has ended. */
  set onIdle(callback: () => void) {
    this.#calls.onIdle = callback;
  }

  request(audience: Audience, event: string, data: unknown, options: AskOptions): Promise<unknown> {
    const type = eventName(event);
    checkRequestOptions(type, options);
    const { timeout = this.#timeout, signal, retries = 0, output, meta } = options;
    const send = (packet: Packet) => {
      if (retries > 0) this.#retriable.set(packet.id as PacketId, audience);
      return this.#send(audience, packet);
    };
    const asked = { signal, retries, output, meta };
    return this.#calls.ask(type, data, timeout, asked, { send });
  }

  stream(audience: Audience, event: string, data: unknown, options: MemberStreamOptions): ItemStream {
    const type = eventName(event);
    for (const key of ['resume', 'retries']) {
      if (!Object.hasOwn(options ?? {}, key)) continue;
      const message = `stream(${JSON.stringify(type)}, ...) of a channel has no option ${key}: its streams outlast lost connections.`;
      throw new IPCError('ERR_IPC_ARGUMENT', message);
    }
    const send = (packet: Packet) => this.#send(audience, packet);
    return this.#calls.stream(type, data, this.#timeout, options, { send });
  }

  /** A request was delivered to a run of a member. */
  handed(request: PacketId, run: string): void {
    if (this.#calls.has(request) && !this.#takers.has(request)) this.#takers.set(request, run);
  }

  /** Processes the response to a call. */
  settle(response: Packet): void {
    this.#calls.settle(response);
  }

  /** Ends a call with an error. */
  fail(call: PacketId, error: unknown): void {
    this.#calls.settle({ data: undefined, re: call, error: toPacketError(error) });
  }

  /**
   * Processes a packet of a stream.
   * @returns false if the run that sent it is not the responder of an open call
   * @throws IPCError ERR_IPC_PROTOCOL if the packet breaks the rules of streams
   */
  take(packet: Packet, run: string, connection: MemberConnection): boolean {
    const { re } = packet.data as CallReference;
    const responds = this.#isFrom(re as number, run);
    if (responds) this.#calls.take(packet, connection);
    return responds;
  }

  /** A run has ended. The calls that it has not answered fail, or go to another member if they allow it. */
  left(run: string, number: number): void {
    if (this.#calls.size === 0) return;
    const gone = new IPCError('ERR_IPC_DISCONNECTED', `Member ${number} left before it answered; ask again.`);
    this.#calls.lost(gone, (call) => this.#takers.get(call) === run);
    for (const packet of this.#calls.takeLost()) this.#askAgain(packet);
  }

  /** Ends the streams, and tells their responders. */
  endStreams(error: IPCError): void {
    this.#calls.endStreams(error);
  }

  /** Ends all calls. */
  end(error: IPCError): void {
    this.#calls.end(error);
  }

  #send(audience: Audience, packet: Packet): boolean {
    checkOne(audience);
    const { over, outgoing } = this.#participant;
    if (over !== undefined) throw over;
    outgoing.send(audience, packet);
    return true;
  }

  #askAgain(packet: Packet): void {
    const id = packet.id as PacketId;
    this.#takers.delete(id);
    try {
      this.#participant.outgoing.send(this.#retriable.get(id) as Audience, packet);
    } catch (error) {
      this.fail(id, error);
    }
  }

  /** Whether a run may respond to an open call. The first run that responds becomes the call's only responder. */
  #isFrom(call: number, run: string): boolean {
    if (!this.#calls.has(call)) return false;
    const taker = this.#takers.get(call);
    if (taker === undefined) this.#takers.set(call, run);
    return taker === undefined || taker === run;
  }

  /** A call has ended, successfully or not. */
  #closed(id: PacketId): void {
    this.#takers.delete(id);
    this.#retriable.delete(id);
    this.#participant.outgoing.settled(id);
  }
}

function lostStream(type: string, items: number, cause: IPCError): IPCError {
  const message = `The member left after ${counted(items, 'item')} of the stream ${type}; call for it again.`;
  return new IPCError('ERR_IPC_DISCONNECTED', message, { cause });
}
