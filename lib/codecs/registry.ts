import { type CustomCodec, isCustomCodec } from '../../entities/codec.js';
import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import type { Codec } from './codec.js';
import { BoundedCodec } from './custom.js';
import { jsonCodec } from './json.js';
import { msgpackCodec } from './msgpack.js';

/** The codec that every peer knows. */
export const BASE_CODEC = 'json';

/** What stands for compression among the names of codecs. */
export const DEFLATE = 'deflate';

/** The codecs by name, the one that every peer knows first. A codec is made when it is first needed. */
const CODECS = new Map<string, () => Codec>([
  [BASE_CODEC, jsonCodec],
  ['msgpack', msgpackCodec],
]);

/** The names that are taken. */
const OWN: readonly string[] = [...CODECS.keys(), DEFLATE];

/** How long the name of a codec may be: it is part of a hello. */
const LONGEST = 256;

/** The names of the codecs. */
export function codecNames(): string[] {
  return [...CODECS.keys()];
}

/**
 * The codec of a name; undefined if there is none.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE
 */
export function codecNamed(name: string): Codec | undefined {
  return CODECS.get(name)?.();
}

/**
 * Makes a codec of your own known to every client and server of the process: servers agree to it unless `config.codecs` leaves it
 * out, and a client's `config.codec` may have its name. A `config.codec` that is the codec itself registers it as well.
 * Of several codecs with one name, connections that begin later use the one that was registered last.
 * @throws IPCError ERR_IPC_ARGUMENT for what is not a codec, or has the name of one of this package
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
      `The name ${name} is that of a codec of this package; give yours another one.`,
    );
  }
  const bounded = new BoundedCodec(codec);
  CODECS.set(name, () => bounded);
}
