import { types } from 'node:util';
import { IPCError } from '../../entities/errors.js';
import { MESSAGE, PUBLISH, type TopicMessage } from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import { isThenable } from '../thenable.js';
import { warn } from '../warnings.js';

/** So many names are looked at, each once, and so many members of their data. */
const MOST_NAMES = 1000;
const MOST_MEMBERS = 100;
/** So many warnings are given in all. */
const MOST_WARNINGS = 100;

const names = new Set<string>();
const warned = new Set<string>();

/** What becomes of a value that JSON has no form for, and what to do about it. */
interface Loss {
  readonly what: string;
  readonly becomes: string;
  readonly remedy: string;
}

const LEFT_OUT = 'which JSON leaves out';
const AS_EMPTY = 'which JSON sends as {}';
const MSGPACK = "or set config.codec to 'msgpack', which keeps it";

/** Forgets what was looked at and warned of, as in a new process. */
export function forgetLosses(): void {
  names.clear();
  warned.clear();
}

/** What is lost of a value, if anything is. A proxy is left alone, and what throws when it is looked at is for JSON to refuse. */
function lossOf(value: unknown): Loss | undefined {
  if (value === undefined || value === null || types.isProxy(value)) return undefined;
  try {
    return seenLoss(value);
  } catch {
    return undefined;
  }
}

/** A value with a toJSON says itself what is sent. */
function seenLoss(value: unknown): Loss | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') {
    return { what: `a ${typeof value}`, becomes: LEFT_OUT, remedy: 'send what it stands for' };
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) return undefined;
  if ('toJSON' in value) return undefined;
  if (value instanceof Map) {
    return {
      what: 'a Map',
      becomes: AS_EMPTY,
      remedy: `send Object.fromEntries(map) or [...map], ${MSGPACK}`,
    };
  }
  if (value instanceof Set) return { what: 'a Set', becomes: AS_EMPTY, remedy: `send [...set], ${MSGPACK}` };
  if (value instanceof Error) {
    const becomes = 'which JSON sends without its name and message';
    return { what: 'an Error', becomes, remedy: `send its name and message, ${MSGPACK}` };
  }
  if (value instanceof RegExp)
    return { what: 'a RegExp', becomes: AS_EMPTY, remedy: `send its source, ${MSGPACK}` };
  if (value instanceof ArrayBuffer) {
    return { what: 'an ArrayBuffer', becomes: AS_EMPTY, remedy: 'send a Buffer of it' };
  }
  if (isThenable(value)) return { what: 'a promise', becomes: AS_EMPTY, remedy: 'await it first' };
  return undefined;
}

/** Warns of data that became two characters, such as `{}`, where that is a loss; once for each name and kind of value. */
export function warnOfEmpty(type: string, data: unknown): void {
  const loss = lossOf(data);
  if (loss !== undefined) tell(type, loss, '');
}

/**
 * Looks at the data of the first packet with a name, and at what is directly in them, for what JSON has no form for. A packet
 * without data, such as the refusal of a request that a peer has named, uses up none of the names.
 */
export function lookAtFirst(type: string, data: unknown): void {
  if (data === undefined || names.size >= MOST_NAMES || names.has(type)) return;
  names.add(type);
  if (type === PUBLISH || type === MESSAGE) {
    const { topic, data: published } = (data ?? {}) as TopicMessage;
    if (typeof topic === 'string') look(topic, published);
  } else look(type, data);
}

function look(type: string, data: unknown): void {
  const whole = lossOf(data);
  if (whole !== undefined) tell(type, whole, '');
  if (whole !== undefined || typeof data !== 'object' || data === null) return;
  if (types.isProxy(data) || ArrayBuffer.isView(data) || 'toJSON' in data) return;
  const list = Array.isArray(data);
  let count = 0;
  for (const key in data) {
    if (++count > MOST_MEMBERS) return;
    // Neither what is inherited, which JSON never sends, nor what a getter would give.
    const loss = lossOf(Object.getOwnPropertyDescriptor(data, key)?.value);
    if (loss === undefined) continue;
    const becomes = list && loss.becomes === LEFT_OUT ? 'which JSON sends as null' : loss.becomes;
    tell(type, { ...loss, becomes }, ` in ${escapeText(key)}`);
  }
}

function tell(type: string, { what, becomes, remedy }: Loss, where: string): void {
  const once = `${what} ${type}`;
  if (warned.size >= MOST_WARNINGS || warned.has(once)) return;
  warned.add(once);
  const message = `The data of ${escapeText(type)} have ${what}${where}, ${becomes}; ${remedy}.`;
  warn(new IPCError('ERR_IPC_ENCODE', message));
}
