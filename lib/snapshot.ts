import { deserialize, serialize } from 'node:v8';
import { IPCError, messageOf } from '../entities/errors.js';

/** Up to so many bytes a copy is kept as text, which takes a tenth of the memory of a small Buffer. */
const SMALL = 4096;

/** A copy of a value in bytes, as whatever will encode it later would have read it now. */
export class Snapshot {
  readonly #bytes: Buffer | string;

  /** @throws IPCError ERR_IPC_ENCODE */
  constructor(value: unknown) {
    try {
      const bytes = serialize(plain(value));
      this.#bytes = bytes.length <= SMALL ? bytes.toString('latin1') : bytes;
    } catch (cause) {
      throw new IPCError('ERR_IPC_ENCODE', `The payload cannot be sent: ${messageOf(cause)}.`, { cause });
    }
  }

  /** How many bytes it is. */
  get size(): number {
    return this.#bytes.length;
  }

  /** The value; a fresh one each time. */
  get value(): unknown {
    const bytes = this.#bytes;
    return deserialize(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }
}

/** What is copied as it is: a codec may know more of it than its properties. */
const WHOLE = [Date, Map, Set, RegExp, Error, ArrayBuffer];

/** Objects that stand for what is in them, as in JSON. */
const BOXES = [Number, String, Boolean, BigInt] as const;

/**
 * The value without what no codec sends: functions, symbols, and classes, whose instances say themselves what they are.
 * `told`: it is what a toJSON gave, which as in JSON has the last word.
 */
function plain(value: unknown, told = false): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => plain(entry));
  if (ArrayBuffer.isView(value) || WHOLE.some((known) => value instanceof known)) return value;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function' && !told) return plain(toJSON.call(value), true);
  if (BOXES.some((box) => value instanceof box)) return value.valueOf();
  const copy: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (key === '__proto__') Object.defineProperty(copy, key, { value: plain(entry), ...OWN });
    else copy[key] = plain(entry);
  }
  return copy;
}

const OWN = { enumerable: true, configurable: true, writable: true };
