import { IPCError, messageOf } from '../entities/errors.js';
import { nodeV8 } from './lazy-modules.js';

/** Up to this size, a copy is stored as a string, which takes a tenth of the memory of a small Buffer; in bytes. */
const SMALL = 4096;

/** An encoded copy of a value, which preserves what a codec would have read at this time. */
export class Snapshot {
  readonly #bytes: Buffer | string;

  /** @throws IPCError ERR_IPC_ENCODE */
  constructor(value: unknown) {
    try {
      const bytes = nodeV8().serialize(plain(value));
      this.#bytes = bytes.length <= SMALL ? bytes.toString('latin1') : bytes;
    } catch (cause) {
      throw new IPCError(
        'ERR_IPC_ENCODE',
        `The payload cannot be sent: ${messageOf(cause)}; send a copy without it.`,
        { cause },
      );
    }
  }

  /** The size in bytes. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Decodes the value; a new copy each time. */
  get value(): unknown {
    const bytes = this.#bytes;
    return nodeV8().deserialize(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }
}

/** Types that are copied unchanged, since a codec may read more than their properties. */
const WHOLE = [Date, Map, Set, RegExp, Error, ArrayBuffer];

/** Wrapper objects that stand for their primitive values, as in JSON. */
const BOXES = [Number, String, Boolean, BigInt] as const;

/**
 * Removes what no codec sends: functions, symbols and classes. An instance becomes the result of its toJSON method or, if it
 * has none, a plain object with its own properties. `told` is true for the result of a toJSON method; it is not asked for a
 * toJSON again, as in JSON.
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
