import { IPCError, messageOf } from '../../entities/errors.js';
import { type Limits, tooDeep, tooLarge } from '../../entities/limits.js';
import type { Codec } from './codec.js';
import { collide } from './collisions.js';
import { estimatedSize } from './estimated-size.js';
import { loadPackage } from './optional-packages.js';

interface Packr {
  pack(value: unknown, options?: number): Buffer;
  unpack(bytes: Buffer, options: { start: number; end: number }): unknown;
  useBuffer(buffer: Buffer): void;
}

interface PackrOptions {
  useRecords: false;
  variableMapSize: true;
  moreTypes: boolean;
  structuredClone: false;
}

interface Extension {
  Class: new (...args: never[]) => object;
  type: number;
  write(value: never): unknown;
  read(value: never): unknown;
}

/** The part of msgpackr's API that is used. */
interface Msgpackr {
  readonly Packr: new (options: PackrOptions) => Packr;
  readonly addExtension: (extension: Extension) => void;
  /** Missing before version 2. */
  readonly RESERVE_START_SPACE?: number;
}

/** The keys and values of a Map, alternating, to be packed. */
class PackedMap {
  readonly entries: unknown[] = [];
}

/** Stands for -0, which msgpackr would pack as 0. */
class NegativeZero {}

const MINUS_ZERO = new NegativeZero();

/** The class for reading the extension of Sets; msgpackr can only write it. */
class PackedSet {}

const MAP = 0x4d;
const SET = 0x73;
const ZERO = 0x5a;

/** Typed arrays that the other end can restore. */
const VIEWS = new Set(
  ['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64']
    .concat(['BigInt64', 'BigUint64'])
    .map((kind) => `${kind}Array`)
    .concat('DataView'),
);

let msgpackr: Required<Msgpackr> | undefined;

/**
 * Loads the entry of msgpackr that has no native code and generates no code. It is a separate instance, so our extensions
 * do not affect the program's.
 */
function load(): Required<Msgpackr> {
  if (msgpackr !== undefined) return msgpackr;
  const found = loadPackage<Msgpackr>('msgpackr', "config.codec = 'msgpack'", 'msgpackr/index-no-eval');
  if (found.RESERVE_START_SPACE === undefined) {
    const message =
      "config.codec = 'msgpack' needs a later msgpackr; install it with: npm install msgpackr@2";
    throw new IPCError('ERR_IPC_MISSING_PACKAGE', message);
  }
  msgpackr = found as Required<Msgpackr>;
  msgpackr.addExtension({
    Class: PackedMap,
    type: MAP,
    write: (map: PackedMap) => map.entries,
    read: mapOf,
  });
  msgpackr.addExtension({ Class: PackedSet, type: SET, write: () => [], read: setOf });
  msgpackr.addExtension({ Class: NegativeZero, type: ZERO, write: () => 0, read: () => -0 });
  return msgpackr;
}

function mapOf(entries: unknown[]): Map<unknown, unknown> {
  checkSpread(entries, 2);
  const map = new Map();
  for (let i = 0; i < entries.length; i += 2) map.set(entries[i], entries[i + 1]);
  return map;
}

function setOf(members: unknown[]): Set<unknown> {
  checkSpread(members, 1);
  return new Set(members);
}

/** @throws IPCError ERR_IPC_PROTOCOL */
function checkSpread(keys: unknown[], step: number): void {
  if (!collide(keys, step)) return;
  const message =
    'A Map or Set has numbers that collide in a hash table, and would block this process; the connection is closed.';
  throw new IPCError('ERR_IPC_PROTOCOL', message);
}

/**
 * Above this size, msgpackr's internal buffer is replaced after use. Otherwise it would keep the size of the largest frame.
 */
const LARGE = 1024 * 1024;
const BUFFER_SIZE = 8192;

/** How much memory a body may take, relative to its size in bytes. */
const MOST_GROWTH = 16;
/** The memory that any body may take, in bytes. */
const LEAST_WEIGHT = LARGE;

/**
 * Packs and unpacks values with msgpackr.
 *
 * With `exact`, these values keep their types: Buffers, typed arrays, Dates, Maps, Sets, BigInts, errors, undefined, -0.
 * Objects are standard msgpack maps, which peers in other languages can read; Map, Set, Error, RegExp, typed arrays, large
 * BigInts and -0 are extensions. Without `exact`, values are packed as msgpackr does by default.
 */
export class MsgpackCodec implements Codec {
  readonly name = 'msgpack';
  readonly binary = true;
  readonly #packr: Packr;
  readonly #reserve: number;
  readonly #exact: boolean;
  /** How many levels the packet adds around the data. */
  readonly #around: number;

  constructor(exact: boolean) {
    const { Packr, RESERVE_START_SPACE } = load();
    this.#packr = new Packr({
      useRecords: false,
      variableMapSize: true,
      moreTypes: exact,
      structuredClone: false,
    });
    this.#reserve = RESERVE_START_SPACE;
    this.#exact = exact;
    this.#around = exact ? 1 : 2;
  }

  /** @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP */
  encode(value: unknown, limits: Limits, room = 0): Buffer {
    levels = limits.maxDepth + this.#around;
    try {
      const bytes = this.#packr.pack(prepared(value, this.#exact), this.#reserve + room);
      if (bytes.length > LARGE) this.#packr.useBuffer(Buffer.allocUnsafeSlow(BUFFER_SIZE));
      return bytes;
    } catch (cause) {
      if (cause === TOO_DEEP) throw tooDeep(limits);
      throw new IPCError(
        'ERR_IPC_ENCODE',
        `The payload cannot be packed: ${messageOf(cause)}; send a copy without it.`,
        { cause },
      );
    }
  }

  decode(bytes: Buffer, start: number, end: number, limits: Limits): unknown {
    const size = estimatedSize(bytes, start, end, limits.maxDepth + this.#around);
    if (size === -2) throw tooDeep(limits);
    if (size < 0) throw new Error('it is not one whole value of the kinds that travel');
    if (size > Math.max(limits.maxMessageSize * MOST_GROWTH, LEAST_WEIGHT)) throw tooLarge(limits);
    return this.#packr.unpack(bytes, { start, end });
  }
}

const CODECS = new Map<boolean, MsgpackCodec>();

/**
 * The MessagePack codec. There is one instance of each kind, since it is stateless.
 * @param exact whether values keep their types; see {@link MsgpackCodec}
 * @throws IPCError ERR_IPC_MISSING_PACKAGE
 */
export function msgpackCodec(exact = true): MsgpackCodec {
  let known = CODECS.get(exact);
  if (known === undefined) {
    known = new MsgpackCodec(exact);
    CODECS.set(exact, known);
  }
  return known;
}

/** How many further levels the value that is being packed may nest. */
let levels = 0;
const TOO_DEEP = new Error('too deep');

/**
 * Replaces what msgpackr would pack incorrectly; returns the value itself if there is nothing to replace. Without `exact`
 * it replaces typed arrays by Buffers, since msgpackr's default packs the whole ArrayBuffer of other ones. `told` is true for
 * the result of a toJSON method; it is not asked for a toJSON again, as in JSON.
 */
function prepared(value: unknown, exact: boolean, told = false): unknown {
  if (typeof value === 'number') return exact && value === 0 && 1 / value < 0 ? MINUS_ZERO : value;
  if (typeof value !== 'object' || value === null) return value;
  if (--levels < 0) throw TOO_DEEP;
  const ready = preparedMembers(value, exact, told);
  levels++;
  return ready;
}

function preparedMembers(value: object, exact: boolean, told: boolean): unknown {
  if (Array.isArray(value)) return preparedArray(value, exact);
  if (value.constructor === Object) return preparedObject(value as Record<string, unknown>, exact, told);
  return preparedInstance(value, exact, told);
}

/** Prepares the result of a toJSON method. It is on the same level as the original. */
function inPlace(value: unknown, exact: boolean): unknown {
  levels++;
  const ready = prepared(value, exact, true);
  levels--;
  return ready;
}

function preparedArray(array: readonly unknown[], exact: boolean): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let i = 0; i < array.length; i++) {
    const value = array[i];
    const ready = prepared(value, exact);
    if (Object.is(ready, value)) continue;
    copy ??= array.slice();
    copy[i] = ready;
  }
  return copy ?? array;
}

function preparedObject(object: Record<string, unknown>, exact: boolean, told: boolean): unknown {
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const value = object[key];
    if (typeof value === 'function' && key === 'toJSON' && !told) return inPlace(value.call(object), exact);
    const ready = prepared(value, exact);
    if (Object.is(ready, value) || !Object.hasOwn(object, key)) continue;
    copy ??= { ...object };
    copy[key] = ready;
  }
  return copy ?? object;
}

function preparedInstance(value: object, exact: boolean, told: boolean): unknown {
  if (ArrayBuffer.isView(value)) return preparedView(value, exact);
  if (value instanceof Map) return preparedMap(value, exact);
  if (value instanceof Set) {
    const members = preparedArray([...value], exact);
    return exact ? new Set(members) : members;
  }
  if (value instanceof Error) {
    return exact ? value : preparedArray([value.name, value.message, value.cause], exact);
  }
  if (value instanceof Date || value instanceof RegExp || value instanceof ArrayBuffer) return value;
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function' && !told) return inPlace(toJSON.call(value), exact);
  return preparedObject({ ...value }, exact, told);
}

function preparedView(view: ArrayBufferView, exact: boolean): ArrayBufferView {
  if (Buffer.isBuffer(view)) return view;
  if (!exact) return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  if (VIEWS.has(view.constructor.name)) return view;
  throw new TypeError(`a ${view.constructor.name} is not a typed array that MessagePack has a type for`);
}

function preparedMap(map: Map<unknown, unknown>, exact: boolean): PackedMap | Map<unknown, unknown> {
  const packed = new PackedMap();
  for (const [key, value] of map) packed.entries.push(prepared(key, exact), prepared(value, exact));
  return exact ? packed : mapOf(packed.entries);
}
