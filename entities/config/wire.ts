import { type CustomCodec, isCustomCodec } from '../codec.js';
import { IPCError } from '../errors.js';
import { filled, flagSetting, listOf, looseFlagSetting, oneOf, optional, type Settings } from './setting.js';

/** How strings given to `emit` become bytes where `rawBuffer` is on. */
export type Encoding =
  | 'ascii'
  | 'utf8'
  | 'utf-8'
  | 'utf16le'
  | 'ucs2'
  | 'base64'
  | 'hex'
  | 'latin1'
  | 'binary';

/** The name of a dialect: 'json', or one that is registered. */
export type DialectName = string;

/** How the boundaries of messages are found in a byte stream. */
export type Framing = 'delimited' | 'length-prefixed' | 'length-prefixed-le';

/** How messages become bytes. */
export interface WireConfig {
  /** How strings given to `emit` become bytes where `rawBuffer` is on. @default 'utf8' */
  encoding: Encoding;
  /** Sends and delivers bytes as they are, without events. @default false */
  rawBuffer: boolean;
  /** What ends a message: any string with a character that JSON uses only inside strings. @default '\f' */
  delimiter: string;
  /**
   * How the boundaries of messages are found in a stream: by `delimiter`, or by a length in four bytes before each message,
   * the highest byte first ('length-prefixed') or the lowest ('length-prefixed-le'). Both ends must agree on it.
   * @default 'delimited'
   */
  framing: Framing;
  /** A client sends a message only when something came back for the one before. @default false */
  sync: boolean;
  /**
   * The codec that a client offers to the server: 'json', 'msgpack', which needs the package msgpackr, or one of your own, by
   * name or as `{ name, encode, decode }`. A server with a codec of your own agrees to it, and offers nothing.
   * @default 'json'
   */
  codec: string | CustomCodec;
  /** A client offers compression to the server, which needs the package fast-zlib. @default false */
  compress: boolean;
  /**
   * The codecs that a server agrees to beside JSON, and 'deflate' for compression; `[]` agrees to none.
   * @default undefined, all that are installed
   */
  codecs: readonly string[] | undefined;
  /** The dialects that a server tells apart by a connection's first bytes. @default ['json'] */
  accept: readonly DialectName[];
  /** The dialect that a client speaks. @default 'json' */
  dialect: DialectName;
}

/** Characters that JSON.stringify writes outside strings or inside its escapes: no delimiter may consist of these. */
const JSON_SYNTAX = new Set('{}[]:,"\\ \t\r\n0123456789+-.eEtrufalsnbcd');

/** The first character of a delimiter that JSON uses only inside strings, or '' where there is none. */
export function safeCharacter(delimiter: string): string {
  for (const character of delimiter) {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 && JSON.stringify(character).length > 3;
    if (control || !JSON_SYNTAX.has(character)) return character;
  }
  return '';
}

function isDelimiter(value: unknown): boolean {
  return filled(value) && (value as string).isWellFormed() && safeCharacter(value as string) !== '';
}

const FRAMINGS = ['delimited', 'length-prefixed', 'length-prefixed-le'];
const ENCODINGS = ['ascii', 'utf8', 'utf-8', 'utf16le', 'ucs2', 'base64', 'hex', 'latin1', 'binary'];
const ALIASES: Record<string, string> = { 'ucs-2': 'ucs2', 'utf-16le': 'utf16le' };

function looseEncoding(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const name = value.toLowerCase();
  return ALIASES[name] ?? name;
}

export const WIRE: Settings<WireConfig> = {
  encoding: {
    default: 'utf8',
    check: oneOf(...ENCODINGS),
    expected: `one of ${ENCODINGS.join(', ')}`,
    normalize: looseEncoding,
  },
  rawBuffer: looseFlagSetting(false),
  delimiter: {
    default: '\f',
    check: isDelimiter,
    expected: String.raw`a string with a character that JSON uses only inside strings, such as '\f', '\n', '||' or '§'`,
  },
  framing: { default: 'delimited', check: oneOf(...FRAMINGS), expected: `one of ${FRAMINGS.join(', ')}` },
  sync: looseFlagSetting(false),
  codec: {
    default: 'json',
    check: (value) => filled(value) || isCustomCodec(value),
    expected: 'the name of a codec, or a codec of your own: { name, encode, decode }',
  },
  compress: flagSetting(false),
  codecs: {
    default: undefined,
    check: optional(listOf(filled)),
    expected: "a list of names of codecs, and 'deflate'",
  },
  accept: {
    default: ['json'],
    check: (value) => listOf(filled)(value) && (value as unknown[]).length > 0,
    expected: 'a list of names of dialects',
  },
  dialect: { default: 'json', check: filled, expected: 'the name of a dialect' },
};

/**
 * Checks what cannot go with `rawBuffer`: bytes as they are have no room for a hello, which these settings need.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function checkRaw({
  codec,
  compress,
  credentials,
  authorize,
}: Pick<WireConfig, 'codec' | 'compress'> & { credentials: unknown; authorize: unknown }): void {
  const wanted = { codec: codec !== 'json', compress, credentials: credentials !== undefined, authorize };
  for (const [key, set] of Object.entries(wanted)) {
    if (!set) continue;
    const message = `config.${key} does not go with config.rawBuffer, which sends nothing but your bytes; unset one of them.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
}
