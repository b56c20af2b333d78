import { Packr } from 'msgpackr';
import type { Packet, PacketId } from '../../entities/packet.js';
import { toPacketError } from '../../entities/packet.js';
import { CANCEL, CREDIT, END, ITEM, STREAM } from '../../entities/stream.js';
import { Calls } from '../../lib/conversations/calls.js';
import { type Caller, Responder } from '../../lib/conversations/responder.js';

/** How packets travel between the two ends of a pair. */
export interface Wire {
  readonly name: string;
  readonly binary: boolean;
  copy(packet: Packet): Packet;
}

const packr = new Packr({ useRecords: false, moreTypes: true });

export const wires: readonly Wire[] = [
  { name: 'JSON', binary: false, copy: (packet) => JSON.parse(JSON.stringify(packet)) },
  { name: 'MessagePack', binary: true, copy: (packet) => packr.unpack(packr.pack(packet)) },
];

const ABOUT_STREAMS = new Set([ITEM, END, CREDIT, CANCEL]);

/** One end of a connection that has only calls. */
export class End implements Caller {
  readonly socket = { name: 'socket' };
  readonly binary: boolean;
  session: Caller['session'];
  streams: Caller['streams'];
  contexts: Caller['contexts'];
  open = true;
  congested = false;
  leaving = false;
  /** The number of running handlers. */
  answering = 0;
  /** The packets that it has sent. */
  readonly sent: Packet[] = [];
  /** The error for which it ended the connection. */
  fault: unknown;
  readonly calls: Calls;
  readonly answers: Responder;
  other: End | undefined;
  readonly #wire: Wire;
  readonly #inbox: Packet[] = [];
  #drained: (() => void)[] = [];
  #scheduled = false;

  constructor(wire: Wire, answers = new Responder('server'), calls?: Calls) {
    this.#wire = wire;
    this.binary = wire.binary;
    this.answers = answers;
    this.calls = calls ?? new Calls('client', (packet) => this.send(packet));
  }

  send(packet: Packet): boolean {
    if (!this.open) return false;
    const copy = this.#wire.copy(packet);
    this.sent.push(copy);
    this.other?.hear(this.#wire.copy(packet));
    return true;
  }

  answer(type: string, re: PacketId, data: unknown, error?: unknown): void {
    try {
      this.send(
        error === undefined ? { type, data, re } : { type, data: undefined, re, error: toPacketError(error) },
      );
    } catch (fault) {
      this.send({ type, data: undefined, re, error: toPacketError(fault) });
    }
  }

  drained(callback: () => void): void {
    this.#drained.push(callback);
  }

  /** Sends the packets that waited. */
  drain(): void {
    this.congested = false;
    for (const callback of this.#drained.splice(0)) callback();
  }

  begin(): void {
    this.answering++;
  }

  done(): void {
    this.answering--;
  }

  /** Receives a packet in a later turn, in the order sent. */
  hear(packet: Packet): void {
    this.#inbox.push(packet);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const next of this.#inbox.splice(0)) this.take(next);
    });
  }

  /** Receives a packet at once. A protocol violation ends the connection. */
  take(packet: Packet): void {
    if (!this.open) return;
    try {
      this.#dispatch(packet);
    } catch (fault) {
      this.fault = fault;
      this.cut();
    }
  }

  /** Ends the connection for both ends. */
  cut(): void {
    for (const end of [this, this.other]) {
      if (!end?.open) continue;
      end.open = false;
      end.answers.leave(end);
      end.drain();
    }
  }

  /** Returns the number of open calls, answers and streams. */
  get left(): { calls: number; answering: number; streams: number } {
    return { calls: this.calls.size, answering: this.answering, streams: this.streams?.byId.size ?? 0 };
  }

  /** Returns the packets of a type that it has sent. */
  said(type: string): Packet[] {
    return this.sent.filter((packet) => packet.type === type);
  }

  #dispatch(packet: Packet): void {
    const { type, id, re } = packet;
    if (re !== undefined) this.calls.settle(packet);
    else if (ABOUT_STREAMS.has(type)) {
      if ((packet.data as { re?: number }).re !== undefined) this.calls.take(packet, this);
      else this.answers.streams.about(packet, this);
    } else if (type === STREAM) this.answers.streams.open(packet, id as PacketId, this);
    else this.answers.take(packet, id as PacketId, this);
  }
}

/** Returns two connected ends. */
export function joined(
  wire: Wire,
  caller = new End(wire),
  responder = new End(wire),
): { caller: End; responder: End } {
  caller.other = responder;
  responder.other = caller;
  return { caller, responder };
}

/** Waits until everything in transit has arrived. */
export async function settled(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
