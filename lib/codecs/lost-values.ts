import { types } from 'node:util';
import { IPCError } from '../../entities/errors.js';
import { MESSAGE, PUBLISH, type TopicMessage } from '../../entities/packet.js';
import { escapeText } from '../../entities/text.js';
import { isThenable } from '../thenable.js';
import { warn } from '../warnings.js';

/** How many names of events, and how many topics, are checked, each once, and how many members of their data. */
const MOST_NAMES = 1000;
const MOST_MEMBERS = 100;
/** The maximum number of warnings. */
const MOST_WARNINGS = 100;

const names = new Set<string>();
const topics = new Set<string>();
const warned = new Set<string>();

/** What happens to a value that JSON cannot represent, and what to do about it. */
interface Loss {
  readonly what: string;
  readonly becomes: string;
  readonly remedy: string;
  /** Whether MessagePack keeps it. */
  readonly packs?: boolean;
}

const LEFT_OUT = 'which JSON leaves out';
const AS_EMPTY = 'which JSON sends as {}';
const MSGPACK = ", or set config.codec to 'msgpack', which keeps it";

/** Resets the checks and warnings, for specs. */
export function forgetLosses(): void {
  names.clear();
  topics.clear();
  warned.clear();
}

/** What is lost of a value, if anything. Proxies are skipped; if reading the value throws, JSON.stringify will report it. */
function lossOf(value: unknown): Loss | undefined {
  if (value === undefined || value === null || types.isProxy(value)) return undefined;
  try {
    return seenLoss(value);
  } catch {
    return undefined;
  }
}

/** A value with a toJSON method decides itself what is sent. */
function seenLoss(value: NonNullable<unknown>): Loss | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') {
    return { what: `a ${typeof value}`, becomes: LEFT_OUT, remedy: 'send what it stands for' };
  }
  if (typeof value !== 'object') return undefined;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) return undefined;
  if ('toJSON' in value) return undefined;
  if (value instanceof Map) {
    return {
      what: 'a Map',
      becomes: AS_EMPTY,
      remedy: 'send Object.fromEntries(map) or [...map]',
      packs: true,
    };
  }
  if (value instanceof Set) return { what: 'a Set', becomes: AS_EMPTY, remedy: 'send [...set]', packs: true };
  if (value instanceof Error) {
    const becomes = 'which JSON sends without its name and message';
    return { what: 'an Error', becomes, remedy: 'send its name and message', packs: true };
  }
  if (value instanceof RegExp)
    return { what: 'a RegExp', becomes: AS_EMPTY, remedy: 'send its source', packs: true };
  if (value instanceof ArrayBuffer) {
    return { what: 'an ArrayBuffer', becomes: AS_EMPTY, remedy: 'send a Buffer of it' };
  }
  if (isThenable(value)) return { what: 'a promise', becomes: AS_EMPTY, remedy: 'await it first' };
  return undefined;
}

/** Warns of data that became two characters, such as `{}`, if that loses something; once for each name and kind of value. */
export function warnOfEmpty(type: string, data: unknown): void {
  const loss = lossOf(data);
  if (loss !== undefined) tell(type, loss, '');
}

/** Whether the name of a packet's data is a topic in the data. */
export function hasTopic(type: string): boolean {
  return type === PUBLISH || type === MESSAGE;
}

/**
 * Checks the data of the first packet with a name or topic, and its direct members, for values that JSON cannot represent.
 * Packets without data do not count towards the limit of names: a peer can cause them, such as the refusal of a request whose
 * name it chose. Topics have a limit of their own, since peers choose those that a server passes on.
 * @param packs whether there is MessagePack to choose instead
 */
export function lookAtFirst(type: string, data: unknown, packs = true): void {
  if (data === undefined) return;
  if (hasTopic(type)) {
    const { topic, data: published } = (data ?? {}) as TopicMessage;
    if (typeof topic === 'string' && isFirst(topic, topics)) look(topic, published, packs);
  } else if (isFirst(type, names)) look(type, data, packs);
}

function isFirst(name: string, seen: Set<string>): boolean {
  if (seen.size >= MOST_NAMES || seen.has(name)) return false;
  seen.add(name);
  return true;
}

function look(type: string, data: unknown, packs: boolean): void {
  const whole = lossOf(data);
  if (whole !== undefined) tell(type, whole, '', packs);
  if (whole !== undefined || typeof data !== 'object' || data === null) return;
  if (types.isProxy(data) || ArrayBuffer.isView(data) || 'toJSON' in data) return;
  const list = Array.isArray(data);
  let count = 0;
  for (const key in data) {
    if (++count > MOST_MEMBERS) return;
    // Skips inherited properties, which JSON never sends, and does not call getters.
    const loss = lossOf(Object.getOwnPropertyDescriptor(data, key)?.value);
    if (loss === undefined) continue;
    const becomes = list && loss.becomes === LEFT_OUT ? 'which JSON sends as null' : loss.becomes;
    tell(type, { ...loss, becomes }, ` in ${escapeText(key)}`, packs);
  }
}

function tell(type: string, loss: Loss, where: string, packs = true): void {
  const { what, becomes, remedy } = loss;
  const once = `${what} ${type}`;
  if (warned.size >= MOST_WARNINGS || warned.has(once)) return;
  warned.add(once);
  const message = `The data of ${escapeText(type)} have ${what}${where}, ${becomes}; ${remedy}${packs && loss.packs ? MSGPACK : ''}.`;
  warn(new IPCError('ERR_IPC_ENCODE', message));
}
