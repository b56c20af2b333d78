import { type CustomCodec, isCustomCodec } from '../../entities/codec.js';
import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import type { Codec } from './codec.js';
import { BoundedCodec } from './custom.js';
import { jsonCodec } from './json.js';
import { msgpackCodec } from './msgpack.js';

/** The codec that every peer supports. */
export const BASE_CODEC = 'json';

/** The name of compression in lists of codecs. */
export const DEFLATE = 'deflate';

/** The codecs by name, the base codec first. A codec is created on first use. */
const CODECS = new Map<string, () => Codec>([
  [BASE_CODEC, jsonCodec],
  ['msgpack', msgpackCodec],
]);

/** The reserved names. */
const OWN: readonly string[] = [...CODECS.keys(), DEFLATE];

/** The maximum length of a codec's name, which is part of a hello. */
const LONGEST = 256;

/** The names of all codecs. */
export function codecNames(): string[] {
  return [...CODECS.keys()];
}

/**
 * The codec with a name; undefined if there is none.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE
 */
export function codecNamed(name: string): Codec | undefined {
  return CODECS.get(name)?.();
}

/**
 * Registers a custom codec for all clients and servers of the process: servers accept it unless `config.codecs` leaves it
 * out, and a client's `config.codec` may name it. Setting `config.codec` to the codec itself registers it, too. If several
 * codecs have the same name, later connections use the one that was registered last.
 * @param codec the codec; see {@link CustomCodec}
 * @throws IPCError ERR_IPC_ARGUMENT if it is not a codec, or has the name of a built-in one
 * @example
 * import { deserialize, serialize } from 'node:v8';
 * import ipc, { registerCodec } from 'omni-ipc';
 * registerCodec({ name: 'v8', binary: true, encode: serialize, decode: deserialize });
 * ipc.config.codec = 'v8';
 */
export function registerCodec(codec: CustomCodec): void {
  if (!isCustomCodec(codec) || codec.name.length > LONGEST) {
    const value = inspect(codec, { depth: 0 });
    const message = `${value} is not a codec; registerCodec needs { name, encode(value), decode(bytes) }.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  const { name } = codec;
  if (OWN.includes(name)) {
    throw new IPCError(
      'ERR_IPC_ARGUMENT',
      `The name ${name} belongs to a codec of this package; choose another name for yours.`,
    );
  }
  const bounded = new BoundedCodec(codec);
  CODECS.set(name, () => bounded);
}
