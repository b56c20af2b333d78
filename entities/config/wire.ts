import { type CustomCodec, isCustomCodec } from '../codec.js';
import { IPCError } from '../errors.js';
import { filled, flagSetting, listOf, looseFlagSetting, oneOf, optional, type Settings } from './setting.js';

/** How `emit` encodes strings if `rawBuffer` is set. */
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

/** The name of a dialect: 'json', or a registered one. */
export type DialectName = string;

/** How message boundaries are marked in a byte stream. */
export type Framing = 'delimited' | 'length-prefixed' | 'length-prefixed-le';

/** How messages are encoded. */
export interface WireConfig {
  /** How `emit` encodes strings if `rawBuffer` is set. @default 'utf8' */
  encoding: Encoding;
  /** Whether to send and deliver plain bytes, without event names. @default false */
  rawBuffer: boolean;
  /** The string that ends each message. It must contain a character that JSON uses only inside strings. @default '\f' */
  delimiter: string;
  /**
   * How message boundaries are marked in a byte stream: by `delimiter`, or by a four-byte length before each message in
   * big-endian ('length-prefixed') or little-endian ('length-prefixed-le') byte order. Both ends must use the same value.
   * @default 'delimited'
   * @example
   * ipc.config.rawBuffer = true;
   * ipc.config.framing = 'length-prefixed';
   */
  framing: Framing;
  /** Whether a client waits for a message from the server before it sends its next one. @default false */
  sync: boolean;
  /**
   * The codec that a client offers to the server: 'json', 'msgpack' (requires the package msgpackr), or a custom one, by
   * name or as `{ name, encode, decode }`. A server accepts the custom codec set here; it never offers one.
   * @default 'json'
   * @example
   * ipc.config.codec = 'msgpack';
   */
  codec: string | CustomCodec;
  /** Whether a client offers compression to the server. It requires the package fast-zlib. @default false */
  compress: boolean;
  /**
   * The codecs that a server accepts beside JSON, and 'deflate' for compression; `[]` accepts none.
   * @default undefined: all that are installed
   * @example
   * ipc.config.codecs = ['json', 'deflate'];
   */
  codecs: readonly string[] | undefined;
  /**
   * The dialects that a server accepts. It detects which one a connection uses by its first bytes.
   * @default ['json']
   * @example
   * ipc.config.accept = ['json', 'topic'];
   */
  accept: readonly DialectName[];
  /** The dialect that a client speaks. @default 'json' */
  dialect: DialectName;
}

/**
 * Characters that JSON.stringify writes outside of strings or inside escape sequences. A delimiter must not consist of
 * these alone.
 */
const JSON_SYNTAX = new Set('{}[]:,"\\ \t\r\n0123456789+-.eEtrufalsnbcd');

/** The first character of a delimiter that JSON uses only inside strings; '' if there is none. */
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
    unset: 'utf8',
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
 * Refuses settings that `rawBuffer` excludes: they need a hello, and a stream of plain bytes cannot carry one.
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
    const message = `config.${key} cannot be combined with config.rawBuffer, which sends only your bytes; unset one of them.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
}
