import { IPCError, messageOf } from '../../entities/errors.js';
import { tooLarge } from '../../entities/limits.js';
import { weigh } from './estimated-size.js';
import { loadPackage } from './optional-packages.js';
/** What is left of a Map when it is packed: its keys and values in turn. */
class PackedMap {
    entries = [];
}
/** -0 as msgpackr can pack it: it would write 0. */
class NegativeZero {
}
const MINUS_ZERO = new NegativeZero();
const MAP = 0x4d;
const ZERO = 0x5a;
/** Typed arrays that msgpack's other end can make again. */
const VIEWS = new Set(['Int8', 'Uint8', 'Uint8Clamped', 'Int16', 'Uint16', 'Int32', 'Uint32', 'Float32', 'Float64']
    .concat(['BigInt64', 'BigUint64'])
    .map((kind) => `${kind}Array`)
    .concat('DataView'));
let msgpackr;
/** The entry without native code and without code made at run time; being our own, it can be told our extensions. */
function load() {
    if (msgpackr !== undefined)
        return msgpackr;
    const found = loadPackage('msgpackr', "config.codec = 'msgpack'", 'msgpackr/index-no-eval');
    if (found.RESERVE_START_SPACE === undefined) {
        const message = "config.codec = 'msgpack' needs a later msgpackr; install it with: npm install msgpackr@2";
        throw new IPCError('ERR_IPC_MISSING_PACKAGE', message);
    }
    msgpackr = found;
    msgpackr.addExtension({
        Class: PackedMap,
        type: MAP,
        write: (map) => map.entries,
        read: mapOf,
    });
    msgpackr.addExtension({ Class: NegativeZero, type: ZERO, write: () => 0, read: () => -0 });
    return msgpackr;
}
function mapOf(entries) {
    const map = new Map();
    for (let i = 0; i < entries.length; i += 2)
        map.set(entries[i], entries[i + 1]);
    return map;
}
/** Past this, msgpackr's own buffer is not used again: it would keep making ones as large as the largest frame. */
const LARGE = 1024 * 1024;
const BUFFER_SIZE = 8192;
/** How much more than its bytes a body may take in memory. */
const MOST_GROWTH = 16;
/** What any body may take, in bytes. */
const LEAST_WEIGHT = LARGE;
/**
 * Values to msgpack and back, by msgpackr.
 *
 * `exact` ones arrive as what they were: Buffers, typed arrays, Dates, Maps, Sets, BigInts, errors, undefined, -0. Objects
 * are msgpack's own maps, so that peers in other languages can read them; Map, Set, Error, RegExp, typed arrays, large
 * BigInts and -0 are extensions. Those that are not are what msgpackr and net-ipc make of them by default.
 */
export class Packer {
    #packr;
    #reserve;
    #exact;
    constructor(exact) {
        const { Packr, RESERVE_START_SPACE } = load();
        this.#packr = new Packr({
            useRecords: false,
            variableMapSize: true,
            moreTypes: exact,
            structuredClone: false,
        });
        this.#reserve = RESERVE_START_SPACE;
        this.#exact = exact;
    }
    /**
     * @param room how many bytes are left free before the packed ones
     * @throws IPCError ERR_IPC_ENCODE
     */
    pack(value, room = 0) {
        try {
            const bytes = this.#packr.pack(prepared(value, this.#exact), this.#reserve + room);
            if (bytes.length > LARGE)
                this.#packr.useBuffer(Buffer.allocUnsafeSlow(BUFFER_SIZE));
            return bytes;
        }
        catch (cause) {
            throw new IPCError('ERR_IPC_ENCODE', `The payload cannot be packed: ${messageOf(cause)}.`, { cause });
        }
    }
    /**
     * The value of a body; whatever is wrong with it is thrown as it comes.
     * @throws IPCError ERR_IPC_TOO_LARGE where it would take far more memory than it has bytes
     */
    unpack(bytes, start, end, limits) {
        const weight = weigh(bytes, start, end);
        if (weight < 0)
            throw new Error('it is not one whole value of the kinds that travel');
        if (weight > Math.max(limits.maxMessageSize * MOST_GROWTH, LEAST_WEIGHT))
            throw tooLarge(limits);
        return this.#packr.unpack(bytes, { start, end });
    }
}
const packers = new Map();
/**
 * The packer of a kind: one for all, as it keeps nothing.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE
 */
export function packer(exact) {
    let known = packers.get(exact);
    if (known === undefined) {
        known = new Packer(exact);
        packers.set(exact, known);
    }
    return known;
}
/**
 * The value with what msgpackr would pack wrongly put into a form that it does not; itself, where there is none. Where it
 * is not to be exact, that is typed arrays alone: of all but bytes, msgpackr's default packs memory that is not theirs.
 * `told`: it is what a toJSON gave, which as in JSON has the last word.
 */
function prepared(value, exact, told = false) {
    if (typeof value === 'number')
        return exact && value === 0 && 1 / value < 0 ? MINUS_ZERO : value;
    if (typeof value !== 'object' || value === null)
        return value;
    if (Array.isArray(value))
        return preparedArray(value, exact);
    if (value.constructor === Object)
        return preparedObject(value, exact, told);
    return preparedInstance(value, exact, told);
}
function preparedArray(array, exact) {
    let copy;
    for (let i = 0; i < array.length; i++) {
        const value = array[i];
        const ready = prepared(value, exact);
        if (Object.is(ready, value))
            continue;
        copy ??= array.slice();
        copy[i] = ready;
    }
    return copy ?? array;
}
function preparedObject(object, exact, told) {
    let copy;
    for (const key in object) {
        const value = object[key];
        if (typeof value === 'function' && key === 'toJSON' && !told)
            return prepared(value.call(object), exact, true);
        const ready = prepared(value, exact);
        if (Object.is(ready, value) || !Object.hasOwn(object, key))
            continue;
        copy ??= { ...object };
        copy[key] = ready;
    }
    return copy ?? object;
}
function preparedInstance(value, exact, told) {
    if (ArrayBuffer.isView(value))
        return preparedView(value, exact);
    if (value instanceof Map)
        return preparedMap(value, exact);
    if (value instanceof Set) {
        const members = preparedArray([...value], exact);
        return exact ? new Set(members) : members;
    }
    if (value instanceof Error) {
        return exact ? value : preparedArray([value.name, value.message, value.cause], exact);
    }
    if (value instanceof Date || value instanceof RegExp || value instanceof ArrayBuffer)
        return value;
    const { toJSON } = value;
    if (typeof toJSON === 'function' && !told)
        return prepared(toJSON.call(value), exact, true);
    return preparedObject({ ...value }, exact, told);
}
function preparedView(view, exact) {
    if (Buffer.isBuffer(view))
        return view;
    if (!exact)
        return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    if (VIEWS.has(view.constructor.name))
        return view;
    throw new TypeError(`a ${view.constructor.name} is no kind of typed array that msgpack can name`);
}
function preparedMap(map, exact) {
    const packed = new PackedMap();
    for (const [key, value] of map)
        packed.entries.push(prepared(key, exact), prepared(value, exact));
    return exact ? packed : mapOf(packed.entries);
}
//# sourceMappingURL=msgpack.js.map