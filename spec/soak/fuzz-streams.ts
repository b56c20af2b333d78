import { IPCError } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import { CANCEL, CREDIT, END, ITEM, isAboutStream, STREAM } from '../../entities/stream.js';
import type { CallContext } from '../../lib/conversations/context.js';
import type { ItemStream } from '../../lib/conversations/item-stream.js';
import { type End, joined, settled, wires } from '../support/peer-pairs.js';
import type { Noise } from './noise.js';
import { hold } from './promise.js';

/** The most calls of one input, and the most items of one call. */
const MOST_CALLS = 4;
const MOST_ITEMS = 30;
const TYPES = [STREAM, ITEM, END, CREDIT, CANCEL];
const MEMBERS = [
  'id',
  're',
  'seq',
  'item',
  'base64',
  'full',
  'items',
  'bytes',
  'body',
  'resume',
  'type',
  'error',
];
const NUMBERS = [-1, 0, 1, 2, 3, 64, 1.5, 2 ** 31, 2 ** 53, Number.NaN];

/** The outcome of one input. */
export interface Outcome {
  readonly items: number;
  /** Whether a side has ended the connection because the other violated the protocol. */
  readonly broken: boolean;
}

/**
 * Streams between two ends. Some packets are changed, duplicated, dropped or invented on their way. In every case each stream must
 * end or fail with a typed error on both sides, and leave no state. If nothing is changed, each item must arrive.
 */
export async function fuzzStreams(noise: Noise): Promise<Outcome> {
  const meddles = noise.chance(0.7) ? noise.pick([0.02, 0.1, 0.5]) : 0;
  const wire = noise.pick(wires);
  const ends = joined(wire);
  const handlers = new Handlers(ends.responder);
  if (meddles > 0) for (const end of [ends.caller, ends.responder]) meddle(end, noise, meddles);
  const calls = Array.from({ length: 1 + noise.below(MOST_CALLS) }, () => new Read(ends.caller, noise));
  const all = Promise.all(calls.map((call) => call.done));
  let over = false;
  void all.then(() => {
    over = true;
  });
  for (let turn = 0; turn < 300 && !over; turn++) {
    await settled(1);
    if (meddles > 0 && noise.chance(meddles / 10)) {
      noise.pick([ends.caller, ends.responder]).take(madeUp(noise));
    }
    // A side may wait forever for a dropped packet.
    if (meddles > 0 && turn === 60) break;
  }
  if (meddles === 0) hold(over, 'A stream has not come to its end');
  const { caller, responder } = ends;
  const faults = [caller.fault, responder.fault].filter((fault) => fault !== undefined);
  for (const fault of faults) {
    hold(
      fault instanceof IPCError && fault.code === 'ERR_IPC_PROTOCOL',
      `A side gave up with ${(fault as Error).stack}`,
    );
  }
  if (meddles === 0) hold(faults.length === 0, `What was well said broke the rules: ${faults[0]}`);
  responder.cut();
  caller.calls.end(new IPCError('ERR_IPC_DISCONNECTED', 'The connection was cut.'));
  await all;
  await settled(5);
  for (const end of [caller, responder]) {
    const { calls: open, answering, streams } = end.left;
    hold(
      open + answering + streams === 0,
      `${open} calls, ${answering} handlers, ${streams} streams are left`,
    );
  }
  hold(handlers.open === 0, `${handlers.open} generators have not ended`);
  if (meddles === 0) for (const call of calls) call.check();
  return { items: calls.reduce((sum, { items }) => sum + items.length, 0), broken: faults.length > 0 };
}

/** The handlers of one end, and the number of its generators that have not ended. */
class Handlers {
  open = 0;

  constructor({ answers: { handlers } }: End) {
    const counted = (make: (to: number, context: CallContext) => AsyncIterable<unknown>) => {
      const self = this;
      return async function* (to: number, _peer: unknown, context: CallContext) {
        self.open++;
        try {
          yield* make(to, context);
        } finally {
          self.open--;
        }
      };
    };
    const numbers = async function* (to: number): AsyncGenerator<unknown> {
      for (let n = 1; n <= Math.min(to, MOST_ITEMS); n++) {
        if (n % 7 === 0) await settled(1);
        yield n % 2 === 0 ? Buffer.alloc(n, n) : n;
      }
    };
    handlers.add('count', [counted(numbers)]);
    handlers.add('copy', [counted((_to, { body }) => body)]);
    handlers.add('fail', [
      counted(async function* (to) {
        yield* numbers(to);
        throw new RangeError('no more');
      }),
    ]);
    handlers.add('plain', [(to: unknown) => to]);
  }
}

/** Reads a stream until it ends or the reader leaves. */
class Read {
  readonly items: unknown[] = [];
  readonly done: Promise<void>;
  readonly #type: string;
  readonly #to: number;
  readonly #leaves: number;
  #error: unknown;

  constructor({ calls }: End, noise: Noise) {
    this.#type = noise.pick(['count', 'copy', 'fail', 'plain', 'nobody']);
    this.#to = noise.below(MOST_ITEMS);
    this.#leaves = noise.chance(0.2) ? noise.below(MOST_ITEMS) : Number.POSITIVE_INFINITY;
    const highWaterMark = noise.pick([undefined, 1, 2, { items: 5, bytes: 20 }]);
    const withBody = this.#type === 'copy' || noise.chance(0.2);
    const body = withBody ? Array.from({ length: this.#to }, (_, n) => Buffer.alloc(n, n)) : undefined;
    const stream = calls.stream(this.#type, this.#to, 0, { highWaterMark, body });
    this.done = this.#read(stream, noise);
  }

  /** Checks that every item has come, if no packet was changed. */
  check(): void {
    if (this.#leaves !== Number.POSITIVE_INFINITY) return;
    const fails = this.#type === 'fail' || this.#type === 'nobody';
    hold(fails === (this.#error !== undefined), `${this.#type} has ended with ${this.#error}`);
    const expected = this.#type === 'plain' ? 1 : this.#type === 'nobody' ? 0 : this.#to;
    hold(
      this.items.length === expected,
      `${this.items.length} of ${expected} items of ${this.#type} have come`,
    );
    if (this.#type !== 'copy') return;
    this.items.forEach((item, n) => {
      hold(Buffer.alloc(n, n).equals(item as Buffer), `Item ${n} arrived changed`);
    });
  }

  async #read(stream: ItemStream, noise: Noise): Promise<void> {
    try {
      if (this.#leaves === 0) await stream.return();
      for await (const item of stream) {
        this.items.push(item);
        if (this.items.length >= this.#leaves) break;
        if (noise.chance(0.2)) await settled(1);
      }
    } catch (error) {
      this.#error = error;
    }
  }
}

/** Changes some of the packets to an end. */
function meddle(end: End, noise: Noise, chance: number): void {
  const take = end.take.bind(end);
  end.take = (packet) => {
    if (!noise.chance(chance)) {
      take(packet);
      return;
    }
    const kind = noise.below(5);
    if (kind === 0) return;
    if (kind === 1) take(packet);
    if (kind === 2) take(madeUp(noise));
    take(kind < 3 ? packet : changed(packet, noise));
  };
}

function changed(packet: Packet, noise: Noise): Packet {
  const { data } = packet;
  if (typeof data !== 'object' || data === null) return packet;
  return sound({ ...packet, data: { ...data, [noise.pick(MEMBERS)]: odd(noise) } });
}

function madeUp(noise: Noise): Packet {
  const type = noise.pick(TYPES);
  const data: Record<string, unknown> = {};
  for (let i = 0; i < 4; i++) data[noise.pick(MEMBERS)] = odd(noise);
  const packet: Packet = { type, data };
  if (type === STREAM) packet[noise.pick(['id', 're'] as const)] = noise.below(6);
  return sound(packet);
}

function odd(noise: Noise): unknown {
  return noise.pick([
    noise.pick(NUMBERS),
    noise.below(6),
    noise.below(6),
    noise.pick(['count', 'copy', 'fail']),
    noise.value(),
    undefined,
    true,
    null,
  ]);
}

/** Filters packets as a connection does: it ignores stream packets without the required members. */
function sound(packet: Packet): Packet {
  if (packet.type === STREAM || isAboutStream(packet)) return packet;
  return { type: CANCEL, data: {} };
}
