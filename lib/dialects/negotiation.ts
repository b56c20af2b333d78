import { codecName } from '../../entities/codec.js';
import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { escapeText } from '../../entities/text.js';
import { loadFastZlib } from '../codecs/deflate.js';
import { BASE_CODEC, codecNamed, codecNames, DEFLATE, registerCodec } from '../codecs/registry.js';
import type { Negotiation } from './dialect.js';

/** What was loaded so far, of codecs and compression; whether that worked. */
const loaded = new Map<string, boolean>();

/** @throws IPCError ERR_IPC_MISSING_PACKAGE */
function load(name: string): void {
  if (name === DEFLATE) loadFastZlib();
  else codecNamed(name);
  loaded.set(name, true);
}

/** @throws IPCError ERR_IPC_CONFIG for a name that is not a codec's */
function check(key: string, name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const message = `config.${key} has ${escapeText(JSON.stringify(name))}; it must be one of ${names.join(', ')}.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/** The name of a codec; one that is given itself becomes known by it. @throws IPCError ERR_IPC_ARGUMENT */
function known(codec: Config['codec']): string {
  if (typeof codec !== 'string') registerCodec(codec);
  return codecName(codec);
}

/**
 * What a client's hello offers.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE if the config asks for what is not installed, ERR_IPC_CONFIG
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
 * Loads what a server may agree to, before any client asks for it: what a stranger says must not load a package.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE if the config names what is not installed, ERR_IPC_CONFIG
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

/** What a server agrees to of an offer: what it has the packages for, and `config.codecs` does not leave out. */
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
