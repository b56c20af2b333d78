import { inflated, type ReadBody, readJson, readMsgpack } from './bodies.js';
import { base128, type Cut, delimitedBy, Frames, prefixed } from './frames.js';
import type { Seen, Side } from './seen.js';

export interface DialogueOptions {
  /** The delimiter of node-ipc's messages. */
  readonly delimiter: string;
  /** Whether to show bytes without looking for packets. */
  readonly raw: boolean;
}

/** How one direction is read: how frames are delimited, how a body is decoded, and how packets are extracted. */
interface Wire {
  readonly cut: Cut;
  readonly read: ReadBody;
  readonly packet: (body: unknown) => Omit<Seen, 'size'>;
}

const NET_IPC = ['ipc:hello', 'message', 'request', 'response', 'ipc:ping', 'ipc:pong', 'ipc:bye'] as const;
const TOPIC_END = Buffer.from([0, 0]);

/**
 * Both directions of a connection. It detects the protocol by the client's first bytes, as a server does, and switches when
 * the two sides agree on a codec.
 */
export class Dialogue {
  readonly #options: DialogueOptions;
  readonly #frames = { client: new Frames(), server: new Frames() };
  readonly #wires: { client: Wire | undefined; server: Wire | undefined };
  /** Whether an HTTP head is still expected, with which net-ipc may begin. */
  readonly #heads = { client: false, server: false };
  #known = false;
  #blind = false;

  constructor(options: DialogueOptions) {
    this.#options = options;
    this.#wires = { client: undefined, server: undefined };
  }

  /** Reads bytes of one side. It never throws. */
  push(side: Side, bytes: Buffer): Seen[] {
    if (this.#options.raw || this.#blind) return [unread(bytes)];
    const frames = this.#frames[side];
    if (!frames.push(bytes))
      return this.#giveUp(side, 'a frame is longer than 64 MiB; from here on there are only bytes');
    if (!this.#known && !this.#recognise(side)) return [];
    return this.#packets(side);
  }

  /** Reads the incomplete rest when one side ends. */
  end(side: Side): Seen[] {
    const rest = this.#frames[side].rest();
    return rest.length === 0 ? [] : [{ ...unread(rest), note: 'the connection ended inside of a message' }];
  }

  #packets(side: Side): Seen[] {
    const seen: Seen[] = [];
    for (;;) {
      const wire = this.#wires[side];
      if (wire === undefined) return seen;
      const found = this.#frames[side].next(
        this.#heads[side] ? delimitedBy(Buffer.from('\r\n\r\n')) : wire.cut,
      );
      if (found === undefined) return seen;
      const { frame, size } = found;
      if (this.#heads[side]) {
        this.#heads[side] = false;
        seen.push({ size, type: 'ipc:upgrade', data: frame.toString('latin1').split('\r\n')[0] });
        continue;
      }
      let packet: Seen;
      try {
        packet = { size, ...wire.packet(wire.read(frame)) };
      } catch (error) {
        seen.push({ ...unread(frame), size, note: (error as Error).message });
        continue;
      }
      seen.push(packet);
      if (side === 'server') this.#agree(packet);
    }
  }

  /** Detects the protocol by the first bytes of the client. A server's first bytes do not identify it. */
  #recognise(side: Side): boolean {
    const frames = this.#frames[side];
    const bytes = frames.rest();
    frames.push(bytes);
    const start = bytes.subarray(0, 9).toString('latin1');
    if (
      side === 'client' &&
      ['IPC', 'GET ', '{"topic":'].some((one) => one.length > start.length && one.startsWith(start))
    )
      return false;
    this.#known = true;
    const upgrade = side === 'client' && start.startsWith('GET ');
    const netIpc = upgrade || (side === 'client' && start.startsWith('IPC'));
    if (netIpc) {
      if (!upgrade) {
        frames.rest();
        frames.push(bytes.subarray(3));
      }
      this.#heads.client = this.#heads.server = upgrade;
      this.#speak(() => netIpcWire(false, false));
    } else if (start.startsWith('{"topic":')) {
      this.#speak(() => ({ cut: delimitedBy(TOPIC_END), read: readJson, packet: topicPacket }));
    } else {
      const cut = delimitedBy(Buffer.from(this.#options.delimiter));
      this.#speak(() => ({ cut, read: readJson, packet: jsonPacket }));
    }
    return true;
  }

  #speak(wire: () => Wire): void {
    this.#wires.client = wire();
    this.#wires.server = wire();
  }

  /** Applies the codec in the server's welcome to all that follows. */
  #agree({ type, data }: Seen): void {
    const { codec, compress, messagepack } = (data ?? {}) as Record<string, unknown>;
    if (type === 'ipc:hello') this.#speak(() => netIpcWire(messagepack === true, compress === true));
    if (type !== 'ipc:welcome' || (codec !== 'msgpack' && compress !== true)) return;
    const read = codec === 'msgpack' ? readMsgpack : readJson;
    this.#speak(() => ({
      cut: prefixed,
      read: compress === true ? inflated(read) : read,
      packet: tuplePacket,
    }));
  }

  #giveUp(side: Side, note: string): Seen[] {
    this.#blind = true;
    return [{ ...unread(this.#frames[side].rest()), note }];
  }
}

function netIpcWire(msgpack: boolean, compress: boolean): Wire {
  const read = msgpack ? readMsgpack : readJson;
  return { cut: base128, read: compress ? inflated(read) : read, packet: netIpcPacket };
}

function jsonPacket(body: unknown): Omit<Seen, 'size'> {
  if (typeof body !== 'object' || body === null) return { data: body, note: 'not a packet' };
  return body as Omit<Seen, 'size'>;
}

function topicPacket(body: unknown): Omit<Seen, 'size'> {
  const { topic, message } = (body ?? {}) as { topic?: unknown; message?: unknown };
  return { type: String(topic), data: message };
}

function tuplePacket(body: unknown): Omit<Seen, 'size'> {
  const [type, data, id, re, error, meta] = body as unknown[];
  const more = { id, re, error, meta };
  const there = Object.entries(more).filter(([, value]) => value !== null && value !== undefined);
  return { type: String(type ?? ''), data, ...Object.fromEntries(there) };
}

function netIpcPacket(body: unknown): Omit<Seen, 'size'> {
  const { t, d, n } = body as { t?: unknown; d?: unknown; n?: unknown };
  const type = NET_IPC[Number(t)] ?? `ipc:${String(t)}`;
  if (type === 'response' || type === 'ipc:pong') return { type, data: d, re: n };
  return n === undefined || n === null ? { type, data: d } : { type, data: d, id: n };
}

function unread(bytes: Buffer): Seen {
  return { size: bytes.length, bytes: bytes.toString('base64') };
}
