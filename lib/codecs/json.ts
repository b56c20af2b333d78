import { IPCError, messageOf } from '../../entities/errors.js';
import { DEFAULT_LIMITS, type Limits, tooDeep } from '../../entities/limits.js';
import type { Codec } from './codec.js';
import { LONG, parseAround } from './long-text.js';
import { lookAtFirst, warnOfEmpty } from './lost-values.js';
import { hasManyBrackets, isDeeper } from './nesting.js';
import { DepthError, readJSON } from './read-json.js';

/**
 * JSON.stringify with limits, for data that the other side must be able to read.
 * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP
 */
export function stringify(value: unknown, limits: Limits = DEFAULT_LIMITS): string | undefined {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    if (isOverflow(cause)) throw tooDeep(limits);
    const message = `The payload is not JSON: ${messageOf(cause).replace(/\s*\n\s*/g, ' ')}; ${remedyFor(cause)}.`;
    throw new IPCError('ERR_IPC_ENCODE', message, { cause });
  }
  // Counting the brackets of the text is faster than walking the value.
  if (json !== undefined && json.length >= 2 * limits.maxDepth && hasManyBrackets(json, limits.maxDepth)) {
    checkDepth(value, json.length, limits);
  }
  return json;
}

/**
 * Checks the depth of data, unless its JSON has too few characters (`length`) to nest too deep.
 * @throws IPCError ERR_IPC_TOO_DEEP
 */
export function checkDepth(value: unknown, length: number, limits: Limits): void {
  if (length < 2 * limits.maxDepth || typeof value !== 'object' || value === null) return;
  if (isDeeper(value, limits.maxDepth)) throw tooDeep(limits);
}

/**
 * {@link readJSON} for a body of any length.
 * @param around how many levels the packet adds around the data
 * @throws IPCError ERR_IPC_TOO_DEEP
 */
export function parseJSON(json: string, limits: Limits = DEFAULT_LIMITS, around = 0): unknown {
  const levels = limits.maxDepth + around;
  try {
    const found = json.length >= LONG ? parseAround(json, levels) : undefined;
    return found === undefined ? readJSON(json, levels) : found.value;
  } catch (error) {
    throw error instanceof DepthError ? tooDeep(limits) : error;
  }
}

/** What to do about an error of JSON.stringify. */
function remedyFor(cause: unknown): string {
  const message = messageOf(cause);
  if (message.includes('BigInt')) return "send its text, or set config.codec to 'msgpack'";
  if (message.includes('circular')) return 'send a copy without the reference that closes the circle';
  return 'a toJSON or a getter of the payload threw that';
}

/** Whether an error is a stack overflow: the value nests thousands of levels deep. */
function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

const CODEC: Codec = {
  name: 'json',
  binary: false,

  encode(fields: readonly unknown[], limits: Limits, room: number): Buffer {
    const [type, data, ...more] = fields;
    // undefined becomes an empty object, as in node-ipc's own frames.
    const rest = more.map((field) => stringify(field, limits) ?? 'null').join(',');
    const sent = stringify(data, limits) ?? '{}';
    lookAtFirst(type as string, data);
    if (sent.length === 2) warnOfEmpty(type as string, data);
    const json = `[${JSON.stringify(type)},${sent},${rest}]`;
    const bytes = Buffer.allocUnsafe(room + Buffer.byteLength(json));
    bytes.write(json, room);
    return bytes;
  },

  decode(bytes: Buffer, start: number, end: number, limits: Limits): unknown {
    return parseJSON(bytes.toString('utf8', start, end), limits, 1);
  },
};

/** JSON as UTF-8. */
export function jsonCodec(): Codec {
  return CODEC;
}
