/** Generates values, packets, and bytes that are almost valid. A seed determines all of them. */
export class Noise {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A whole number from 0 to `end`, excluding `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  pick<Value>(from: readonly Value[]): Value {
    return from[this.below(from.length)] as Value;
  }

  /** Random bytes, or bytes with a meaning in many formats. */
  bytes(size: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    for (let i = 0; i < size; i++) bytes[i] = this.chance(0.7) ? this.below(256) : this.pick(TELLING);
    return bytes;
  }

  text(): string {
    let text = '';
    for (let left = this.below(6); left > 0; left--) text += this.pick(PIECES);
    return this.chance(0.02) ? text.repeat(this.below(200)) : text;
  }

  /** A value that JSON transmits unchanged. */
  value(depth = 0): unknown {
    const kind = this.below(depth > 3 ? 6 : 9);
    if (kind < 2) return this.text();
    if (kind < 4) return this.pick(NUMBERS) * (this.chance(0.5) ? 1 : this.below(1000) + 1);
    if (kind < 6) return this.pick([null, true, false, '', 0]);
    if (kind < 8) return Array.from({ length: this.below(5) }, () => this.value(depth + 1));
    const object: Record<string, unknown> = {};
    for (let left = this.below(5); left > 0; left--) define(object, this.key(), this.value(depth + 1));
    return object;
  }

  /** A value that only msgpack transmits unchanged. */
  richValue(depth = 0): unknown {
    const kind = this.below(depth > 3 ? 9 : 13);
    if (kind < 3) return this.value(4);
    if (kind === 3) return new Date(this.below(2 ** 42) - 2 ** 41);
    if (kind === 4) return this.bytes(this.below(20));
    if (kind === 5)
      return BigInt(this.below(2 ** 50)) ** BigInt(this.below(4)) * (this.chance(0.5) ? 1n : -1n);
    if (kind === 6) return this.pick([undefined, -0, Number.NaN, Number.NEGATIVE_INFINITY, 0.1]);
    if (kind < 9) return new (this.pick(VIEWS))(this.below(5));
    if (kind === 9)
      return new Set(Array.from({ length: this.below(4) }, (_, i) => [i, this.richValue(depth + 1)]));
    if (kind === 10)
      return new Map(Array.from({ length: this.below(4) }, (_, i) => [i, this.richValue(depth + 1)]));
    if (kind === 11) return Array.from({ length: this.below(4) }, () => this.richValue(depth + 1));
    return { a: this.richValue(depth + 1), [`key${this.below(9)}`]: this.richValue(depth + 1) };
  }

  key(): string {
    return this.chance(0.3) ? this.pick(KEYS) : this.text();
  }

  /** JSON text that JSON.stringify does not write: deeply nested, with duplicate keys, huge, or truncated. */
  oddJSON(): string {
    const depth = this.below(700);
    switch (this.below(7)) {
      case 0:
        return `${'['.repeat(depth)}${']'.repeat(depth)}`;
      case 1:
        return `${'{"a":'.repeat(depth)}1${'}'.repeat(this.chance(0.9) ? depth : this.below(depth + 1))}`;
      case 2:
        return `{"${this.pick(KEYS)}":1,"${this.pick(KEYS)}":[2],"__proto__":{"type":"x","id":1}}`;
      case 3:
        return `[${'9'.repeat(this.below(500))},1e${this.below(9999)},-1e-${this.below(999)},-0]`;
      case 4:
        return `"\\u${this.pick(['d800', 'dc00', '0000', 'zzzz'])}\ud800"`;
      case 5:
        return `"${'x'.repeat(this.below(6000))}"`;
      default:
        return ' \n'.repeat(this.below(50)) + JSON.stringify(this.value());
    }
  }

  /** The bytes with a few of them changed, lost, duplicated, moved or cut off. */
  mutated(bytes: Buffer): Buffer {
    let changed = Buffer.from(bytes);
    for (let edits = this.below(6) + 1; edits > 0 && changed.length > 0; edits--) {
      const at = this.below(changed.length);
      const end = Math.min(changed.length, at + this.below(9) + 1);
      const [before, piece, after] = [
        changed.subarray(0, at),
        changed.subarray(at, end),
        changed.subarray(end),
      ];
      switch (this.below(6)) {
        case 0:
          changed[at] = this.below(256);
          break;
        case 1:
          changed[at] = (changed[at] as number) ^ (1 << this.below(8));
          break;
        case 2:
          changed = Buffer.concat([before, after]);
          break;
        case 3:
          changed = Buffer.concat([before, piece, piece, after]);
          break;
        case 4:
          changed = Buffer.concat([before, this.bytes(this.below(9)), after]);
          break;
        default:
          changed = Buffer.from(this.chance(0.5) ? before : Buffer.concat([after, before]));
      }
    }
    return changed;
  }

  /** The bytes in chunks: all in one, one by one, or at random. */
  chunks(bytes: Buffer): Buffer[] {
    const most = this.pick([1, 2, 5, 20, 100, 1000, bytes.length + 1]);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + this.below(most) + 1;
      chunks.push(bytes.subarray(at, end));
      at = end;
    }
    return chunks;
  }
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

const NUMBERS = [0, 1, -1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32, 1e15, 0.1, 1e-9, 2 ** 40];
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'type',
  'data',
  'id',
  're',
  'error',
  't',
  'd',
  'n',
  'topic',
  '',
];
/** The parts of generated texts. */
const PIECES = [
  'a',
  'Zz9',
  ' ',
  '"',
  '\\',
  '{',
  '}',
  '[',
  ',',
  ':',
  '\f',
  '\0',
  '\0\0',
  '\n',
  '|',
  '||',
  '§',
  'é',
  '€',
  '\u{1f600}',
];
/** Bytes with a meaning in UTF-8, JSON, msgpack or a length. */
const TELLING = [0, 0x0a, 0x0c, 0x22, 0x5b, 0x5c, 0x7b, 0x7d, 0x80, 0x81, 0x90, 0x91, 0xa1, 0xc0, 0xc1, 0xc2]
  .concat([
    0xc4, 0xc6, 0xc7, 0xc9, 0xcb, 0xd3, 0xd4, 0xd6, 0xd8, 0xdb, 0xdc, 0xdd, 0xdf, 0xe2, 0xef, 0xf0, 0xff,
  ])
  .concat([0x4d, 0x5a, 0x62, 0x65, 0x69, 0x70, 0x72, 0x73, 0x74, 0x78]);
const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint16Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];
