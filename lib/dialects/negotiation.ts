import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { escapeText } from '../../entities/text.js';
import { loadFastZlib } from '../codecs/deflate.js';
import { BASE_CODEC, CODEC_NAMES, codecNamed } from '../codecs/registry.js';
import type { Negotiation } from './dialect.js';

/** What stands for compression in `config.codecs`. */
const DEFLATE = 'deflate';

/** What was loaded so far, of codecs and compression; whether that worked. */
const loaded = new Map<string, boolean>();

/** @throws IPCError ERR_IPC_MISSING_PACKAGE */
function load(name: string): void {
  if (name === DEFLATE) loadFastZlib();
  else codecNamed(name);
  loaded.set(name, true);
}

/** @throws IPCError ERR_IPC_CONFIG for a name that is no codec's */
function check(key: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const message = `config.${key} has ${escapeText(JSON.stringify(name))}; it must be one of ${names.join(', ')}.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/**
 * What a client's hello offers.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE where the config asks for what is not installed, ERR_IPC_CONFIG
 */
export function offered(config: Pick<Config, 'codec' | 'compress'>): {
  codecs?: string[];
  compress?: boolean;
} {
  const offer: { codecs?: string[]; compress?: boolean } = {};
  check('codec', config.codec, CODEC_NAMES);
  if (config.codec !== BASE_CODEC) {
    load(config.codec);
    offer.codecs = [config.codec];
  }
  if (config.compress) {
    load(DEFLATE);
    offer.compress = true;
  }
  return offer;
}

/**
 * Loads what a server may agree to, before any client asks for it: what a stranger says must not load a package.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE where the config names what is not installed, ERR_IPC_CONFIG
 */
export function prepareCodecs({ codecs }: Pick<Config, 'codecs'>): void {
  for (const name of codecs ?? []) {
    check('codecs', name, [...CODEC_NAMES, DEFLATE]);
    load(name);
  }
  if (codecs !== undefined) return;
  for (const name of [...CODEC_NAMES, DEFLATE]) {
    if (loaded.has(name)) continue;
    try {
      load(name);
    } catch {
      loaded.set(name, false);
    }
  }
}

/** What a server agrees to of an offer: what it has the packages for, and `config.codecs` does not leave out. */
export function negotiate(
  { codecs, compress }: { codecs?: unknown; compress?: unknown },
  config: Pick<Config, 'codecs'>,
): Negotiation {
  const may = (name: string) => loaded.get(name) === true && (config.codecs?.includes(name) ?? true);
  const codec = Array.isArray(codecs)
    ? CODEC_NAMES.find((name) => name !== BASE_CODEC && codecs.includes(name) && may(name))
    : undefined;
  return { codec: codec ?? BASE_CODEC, compress: compress === true && may(DEFLATE) };
}
