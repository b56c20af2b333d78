import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Packet, PacketId } from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import type { Side } from '../../lib/observe.js';
import { preview } from './preview.js';
import type { CallRecord, HandlerFigures, PacketRecord, WatchBatch, WatchOptions } from './records.js';
import type { Registry } from './registry.js';

/** A packet as the diagnostics channels publish it. */
interface Passed {
  readonly side: Side;
  readonly socket: unknown;
  readonly packet: Packet;
}

/** A request as the diagnostics channels publish it. */
interface Asked {
  readonly type: string;
  readonly id: PacketId;
  readonly state: 'open' | 'done' | 'failed';
  readonly milliseconds: number;
  readonly error?: unknown;
}

interface Figures {
  type: string;
  count: number;
  failed: number;
  total: number;
  most: number;
}

const DEFAULT_RATE = 200;
const MOST_A_SECOND = 10_000;
const LONGEST_NAME = 200;
/** The limits of distinct handler types, and of timed requests per connection. */
const MOST_TYPES = 200;
const MOST_RUNNING = 10_000;

/** Records packets and requests of this process, and returns them in batches of limited size. */
export class Watch {
  /** Milliseconds between two batches. */
  readonly interval: number;
  readonly #registry: Pick<Registry, 'ownerOf'>;
  readonly #payloads: boolean;
  readonly #mostPackets: number;
  readonly #mostCalls: number;
  /** The start times of the requests that handlers work on, by connection and id. */
  #running = new WeakMap<object, Map<PacketId, number>>();
  readonly #own: WeakSet<object>;
  #in = 0;
  #out = 0;
  #packets: PacketRecord[] = [];
  #calls: CallRecord[] = [];
  #handlers = new Map<string, Figures>();

  /** @param own the inspector's own connections, which are not recorded */
  constructor(options: WatchOptions, registry: Pick<Registry, 'ownerOf'>, own: WeakSet<object>) {
    this.#registry = registry;
    this.#own = own;
    this.#payloads = options.payloads === true;
    this.interval = within(options.interval, 250, 50, 10_000);
    this.#mostPackets = this.#share(options.packets);
    this.#mostCalls = this.#share(options.calls);
    subscribe('omni-ipc:packet.in', this.#packetIn);
    subscribe('omni-ipc:packet.out', this.#packetOut);
    subscribe('omni-ipc:request', this.#request);
  }

  /** Returns what was recorded since the last call. */
  take(): WatchBatch {
    const batch: WatchBatch = {
      time: Date.now(),
      packetsIn: this.#in,
      packetsOut: this.#out,
      packets: this.#packets,
      calls: this.#calls,
      handlers: [...this.#handlers.values()] satisfies HandlerFigures[],
    };
    this.#in = 0;
    this.#out = 0;
    this.#packets = [];
    this.#calls = [];
    this.#handlers = new Map();
    return batch;
  }

  end(): void {
    unsubscribe('omni-ipc:packet.in', this.#packetIn);
    unsubscribe('omni-ipc:packet.out', this.#packetOut);
    unsubscribe('omni-ipc:request', this.#request);
  }

  #packetIn = (message: unknown) => quietly(() => this.#passed(message as Passed, 'in'));
  #packetOut = (message: unknown) => quietly(() => this.#passed(message as Passed, 'out'));
  #request = (message: unknown) => quietly(() => this.#asked(message as Asked));

  /** The part of a per-second limit that one batch may use. */
  #share(rate: number | undefined): number {
    return Math.ceil((within(rate, DEFAULT_RATE, 0, MOST_A_SECOND) * this.interval) / 1000);
  }

  #passed({ side, socket, packet }: Passed, direction: 'in' | 'out'): void {
    if (typeof socket === 'object' && socket !== null) {
      if (this.#own.has(socket)) return;
      this.#time(socket, packet, direction);
    }
    if (direction === 'in') this.#in++;
    else this.#out++;
    if (this.#packets.length >= this.#mostPackets) return;
    const { type, data, id, re, error } = packet;
    const ref = this.#registry.ownerOf(socket);
    this.#packets.push({
      time: now(),
      direction,
      side,
      ...(ref === undefined ? {} : { ref }),
      type: shown(type),
      ...(id === undefined ? {} : { id: shortId(id) }),
      ...(re === undefined ? {} : { re: shortId(re) }),
      ...(error === undefined ? {} : { error: shown(error.code ?? error.name) }),
      ...(this.#payloads ? { data: preview(data) } : {}),
    });
  }

  /** An incoming request starts the time of its handler; the outgoing answer stops it. */
  #time(socket: object, { type, id, re, error }: Packet, direction: 'in' | 'out'): void {
    if (direction === 'in' && id !== undefined && re === undefined) {
      let running = this.#running.get(socket);
      if (running === undefined) {
        running = new Map();
        this.#running.set(socket, running);
      }
      if (running.size < MOST_RUNNING) running.set(id, performance.now());
    } else if (direction === 'out' && re !== undefined) {
      const since = this.#running.get(socket)?.get(re);
      if (since === undefined) return;
      this.#running.get(socket)?.delete(re);
      const code = error === undefined ? undefined : shown(error.code ?? error.name);
      this.#handled(shown(type), performance.now() - since, code);
      const ref = this.#registry.ownerOf(socket);
      this.#call('handled', type, re, performance.now() - since, code, ref);
    }
  }

  #handled(type: string, milliseconds: number, error: string | undefined): void {
    let figures = this.#handlers.get(type);
    if (figures === undefined) {
      if (this.#handlers.size >= MOST_TYPES) return;
      figures = { type, count: 0, failed: 0, total: 0, most: 0 };
      this.#handlers.set(type, figures);
    }
    figures.count++;
    if (error !== undefined) figures.failed++;
    figures.total += milliseconds;
    figures.most = Math.max(figures.most, milliseconds);
  }

  #asked({ type, id, state, milliseconds, error }: Asked): void {
    if (state === 'open') return;
    const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
    const failure = state === 'failed' ? shown(String(code ?? name ?? 'Error')) : undefined;
    this.#call('asked', type, id, milliseconds, failure, undefined);
  }

  #call(
    kind: CallRecord['kind'],
    type: string,
    id: PacketId,
    milliseconds: number,
    error: string | undefined,
    ref: number | undefined,
  ): void {
    if (this.#calls.length >= this.#mostCalls) return;
    this.#calls.push({
      kind,
      ...(ref === undefined ? {} : { ref }),
      type: shown(type),
      id: shortId(id),
      began: now() - milliseconds,
      milliseconds,
      ...(error === undefined ? {} : { error }),
    });
  }
}

/** Errors of the recording must not affect the watched program. */
function quietly(see: () => void): void {
  try {
    see();
  } catch {
    // For example, a getter in the payload throws; the packet is not reported.
  }
}

/** Milliseconds since 1970, with fractions. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Escapes a name, which a peer may have chosen. */
function shown(name: string): string {
  return escapeText(name, LONGEST_NAME);
}

function shortId(id: PacketId): PacketId {
  return typeof id === 'string' ? shown(id) : id;
}

function within(value: unknown, otherwise: number, least: number, most: number): number {
  return typeof value === 'number' && value >= least ? Math.min(value, most) : otherwise;
}
