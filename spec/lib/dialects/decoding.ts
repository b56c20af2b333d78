import fc from 'fast-check';
import { IPCError } from '../../../entities/errors.js';
import type { Limits } from '../../../entities/limits.js';
import type { Packet } from '../../../entities/packet.js';
import type { Decoder, Dialect, Finding } from '../../../lib/dialects/dialect.js';
import { ByteQueue } from '../../../lib/framing/byte-queue.js';
import type { Deliver } from '../../../lib/framing/framing.js';

export const NOTHING = Buffer.alloc(0);

export const LIMITS: Limits = { maxMessageSize: 1024 * 1024, maxDepth: 500 };

/** What came out of a decoder: packets and findings, without what is undefined in them, and the error that ended it. */
export interface Outcome {
  packets: object[];
  error: string | undefined;
}

/** A decoder and its queue, as a connection has them; where a dialect is found, that one's decoder reads on. */
export class Reader {
  readonly unread = new ByteQueue();
  #decoder: Decoder;
  readonly #limits: Limits;
  readonly #found: (finding: Finding) => void;

  constructor(decoder: Decoder, limits = LIMITS, found: (finding: Finding) => void = () => {}) {
    this.#decoder = decoder;
    this.#limits = limits;
    this.#found = found;
  }

  /** Bytes that are not read. */
  get buffered(): number {
    return this.unread.length;
  }

  push(chunk: Buffer, deliver: Deliver): void {
    this.unread.append(chunk);
    for (;;) {
      const found = this.#decoder.read(this.unread, deliver);
      if (found === undefined) return;
      this.#found(found);
      if (found.dialect !== undefined) this.#decoder = found.dialect.decoder(this.#limits);
    }
  }

  end(): string | undefined {
    return this.#decoder.end(this.unread)?.code;
  }

  /** Takes away what is not read. */
  rest(): Buffer {
    return this.unread.take();
  }
}

/** A packet without its undefined members; an error in it by its code. */
export function tidy({ type, data, id, re, error }: Packet): object {
  const packet: Record<string, unknown> = { type };
  if (data !== undefined) packet.data = data;
  if (id !== undefined) packet.id = id;
  if (re !== undefined) packet.re = re;
  if (error !== undefined) packet.error = error instanceof IPCError ? error.code : error;
  return packet;
}

/** Pushes chunks one after the other, until the decoder gives up; any error that is not an IPCError is thrown on. */
export function read(decoder: Decoder, chunks: Iterable<Buffer>, limits = LIMITS): Outcome {
  const packets: object[] = [];
  const reader = new Reader(decoder, limits, (finding) => packets.push(finding));
  const deliver = (packet: Packet) => packets.push(tidy(packet)) > 0;
  const error = attempt(() => {
    for (const chunk of chunks) reader.push(chunk, deliver);
  });
  return { packets, error };
}

/** As {@link read}, but stops after each packet: what follows is asked for again, or read by the next decoder. */
export function readOneByOne(make: () => Decoder, chunks: Iterable<Buffer>, changing: boolean): Outcome {
  const packets: object[] = [];
  const fresh = () => new Reader(make(), LIMITS, (finding) => packets.push(finding));
  let reader = fresh();
  const error = attempt(() => {
    for (const chunk of chunks) {
      let bytes: Buffer = Buffer.concat([changing ? reader.rest() : NOTHING, chunk]);
      for (let count = -1; count !== packets.length; ) {
        count = packets.length;
        if (changing) {
          bytes = Buffer.concat([reader.rest(), bytes]);
          reader = fresh();
        }
        reader.push(bytes, (packet) => packets.push(tidy(packet)) === 0);
        bytes = NOTHING;
      }
    }
  });
  return { packets, error };
}

/** The code of the IPCError that comes; undefined if none does. */
function attempt(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof IPCError) return error.code;
    throw error;
  }
}

/** The code of the IPCError that `act` throws; anything else is thrown on. */
export function codeThrown(act: () => unknown): string | undefined {
  return attempt(() => void act());
}

export function bytesOf(dialect: Dialect, ...packets: Packet[]): Buffer {
  return Buffer.concat(
    packets.map((packet) => {
      const encoded = dialect.encode(packet);
      if (Buffer.isBuffer(encoded)) return encoded;
      const text = typeof encoded === 'string' ? encoded : encoded.join('');
      return dialect.bytes?.(text) ?? Buffer.from(text);
    }),
  );
}

/** The bytes in pieces of the sizes given, again and again; each a copy, as a socket's chunks are. */
export function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + Math.max(1, sizes[i % sizes.length] ?? bytes.length);
    chunks.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return chunks;
}

/** Sizes to cut bytes by. */
export const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9000 })), {
  minLength: 1,
  maxLength: 8,
});

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    'message',
    '',
    '__proto__',
    'constructor',
    'toString',
    'é',
    '\0',
    '"',
    '\\',
    '\u{1f600}',
    '\ud800',
  ),
);

const numbers = fc.oneof(
  fc.integer(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.constantFrom(0, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, Number.MAX_VALUE, -1e300),
);

/** Anything that is the same after JSON. */
export const jsonValue: fc.Arbitrary<unknown> = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, false, '', 0),
      numbers,
      names,
      fc.string({
        unit: fc.constantFrom('{', '}', '"', '\\', ',', '\f', '\0', '\n', '|', '§', 'a', '\ud83d'),
      }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(names, tie('value'), { maxKeys: 5, noNullPrototype: true }),
    ),
  }))
  .value.map((value) => JSON.parse(JSON.stringify(value)) as unknown);

/** Names that users give to events. */
export const eventName = names.filter((name) => !name.startsWith('ipc:'));

const id = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(Number.MAX_SAFE_INTEGER));

/** Events, requests, answers and refusals with data of a kind. */
export function packetWith(data: fc.Arbitrary<unknown>): fc.Arbitrary<Packet> {
  const error = fc.record({ name: fc.string(), message: fc.string() });
  return fc.oneof(
    fc.record({ type: eventName, data }),
    fc.record({ type: eventName, data, id }),
    fc.record({ type: eventName, data, re: id }),
    fc.record({ type: eventName, data: fc.constant(null), re: id, error }),
  );
}

/** The short form of a property. */
export const RUNS = { numRuns: 200 };

/** What every decoder of frames must do, shown with a few packets whose frames are well formed. */
export function itReadsFrames(make: () => Decoder, bytes: Buffer, expected: readonly Packet[]): void {
  const packets = expected.map(tidy);

  it('reads many frames in one chunk', () => {
    expect(read(make(), [bytes])).toEqual({ packets, error: undefined });
  });

  it('reads frames byte by byte', () => {
    expect(read(make(), cut(bytes, [1]))).toEqual({ packets, error: undefined });
  });

  it('reads frames that are cut in two at any byte', () => {
    for (let at = 0; at <= bytes.length; at++) {
      const chunks = [Buffer.from(bytes.subarray(0, at)), Buffer.from(bytes.subarray(at))];
      expect(read(make(), chunks)).withContext(`cut at ${at}`).toEqual({ packets, error: undefined });
    }
  });

  it('stops after the last packet that is wanted, and continues from there', () => {
    for (const size of [1, 2, 7, bytes.length]) {
      const outcome = readOneByOne(make, cut(bytes, [size]), false);
      expect(outcome).withContext(`chunks of ${size}`).toEqual({ packets, error: undefined });
    }
  });

  it('counts the bytes that it holds of an incomplete frame', () => {
    const decoder = new Reader(make());
    let held = 0;
    for (const chunk of cut(bytes, [1])) {
      let delivered = false;
      decoder.push(chunk, () => {
        delivered = true;
        return true;
      });
      held = delivered ? 0 : held + 1;
      expect(decoder.buffered).toBe(held);
    }
  });
}

/** As above, for decoders of which one can take over from another in the middle of a stream. */
export function itGivesBackWhatItHasNotRead(
  make: () => Decoder,
  bytes: Buffer,
  expected: readonly Packet[],
): void {
  it('gives back unread bytes for another decoder', () => {
    for (const size of [1, 2, 7, bytes.length]) {
      const outcome = readOneByOne(make, cut(bytes, [size]), true);
      const packets = expected.map(tidy);
      expect(outcome).withContext(`chunks of ${size}`).toEqual({ packets, error: undefined });
    }
  });
}
