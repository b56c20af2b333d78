import { codecName } from '../../entities/codec.js';
import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { escapeText } from '../../entities/text.js';
import { loadFastZlib } from '../codecs/deflate.js';
import { BASE_CODEC, codecNamed, codecNames, DEFLATE, registerCodec } from '../codecs/registry.js';
import type { Negotiation } from './dialect.js';

/** The codecs and compression that were loaded, and whether loading succeeded. */
const loaded = new Map<string, boolean>();

/** @throws IPCError ERR_IPC_MISSING_PACKAGE */
function load(name: string): void {
  if (name === DEFLATE) loadFastZlib();
  else codecNamed(name);
  loaded.set(name, true);
}

/** @throws IPCError ERR_IPC_CONFIG if the name is not that of a codec */
function check(key: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const message = `config.${key} has ${escapeText(JSON.stringify(name))}; it must be one of ${names.join(', ')}.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/**
 * The name of a codec. A codec object is registered.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
function known(codec: Config['codec']): string {
  if (typeof codec !== 'string') registerCodec(codec);
  return codecName(codec);
}

/**
 * What a client offers in its hello.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE if the config requires a package that is not installed, ERR_IPC_CONFIG
 */
export function offered(config: Pick<Config, 'codec' | 'compress'>): {
  codecs?: string[];
  compress?: boolean;
} {
  const offer: { codecs?: string[]; compress?: boolean } = {};
  const name = known(config.codec);
  check('codec', name, codecNames());
  if (name !== BASE_CODEC) {
    load(name);
    offer.codecs = [name];
  }
  if (config.compress) {
    load(DEFLATE);
    offer.compress = true;
  }
  return offer;
}

/**
 * Loads the packages of all codecs that a server may accept, before clients connect, so that an unauthenticated client
 * cannot cause a package to be loaded.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE if the config names a package that is not installed, ERR_IPC_CONFIG
 */
export function prepareCodecs({
  codec = BASE_CODEC,
  codecs,
}: Pick<Config, 'codecs'> & Partial<Pick<Config, 'codec'>>): void {
  known(codec);
  for (const name of codecs ?? []) {
    check('codecs', name, [...codecNames(), DEFLATE]);
    load(name);
  }
  if (codecs !== undefined) return;
  for (const name of [...codecNames(), DEFLATE]) {
    if (loaded.has(name)) continue;
    try {
      load(name);
    } catch {
      loaded.set(name, false);
    }
  }
}

/** What a server accepts of an offer: codecs whose packages are installed and which `config.codecs` does not exclude. */
export function negotiate(
  { codecs, compress }: { codecs?: unknown; compress?: unknown },
  config: Pick<Config, 'codecs'>,
): Negotiation {
  const may = (name: string) => loaded.get(name) === true && (config.codecs?.includes(name) ?? true);
  const codec = Array.isArray(codecs)
    ? codecNames().find((name) => name !== BASE_CODEC && codecs.includes(name) && may(name))
    : undefined;
  return { codec: codec ?? BASE_CODEC, compress: compress === true && may(DEFLATE) };
}
