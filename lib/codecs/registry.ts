import type { Codec } from './codec.js';
import { jsonCodec } from './json.js';
import { msgpackCodec } from './msgpack.js';

/** The codecs by name, the one that every peer knows first. A codec is made when it is first needed. */
const CODECS = new Map<string, () => Codec>([
  ['json', jsonCodec],
  ['msgpack', msgpackCodec],
]);

/** The names of the codecs. */
export const CODEC_NAMES: readonly string[] = [...CODECS.keys()];

/** The codec that every peer knows. */
export const [BASE_CODEC] = CODEC_NAMES as [string];

/**
 * The codec of a name; undefined where there is none.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE
 */
export function codecNamed(name: string): Codec | undefined {
  return CODECS.get(name)?.();
}
