import type { Config } from '../../entities/config.js';
import { loadFastZlib } from '../codecs/deflate.js';
import { packer } from '../codecs/msgpack.js';
import type { Agreement } from './dialect.js';

/** Whether the optional packages are there: looked for when a hello first asks. */
let packs: boolean | undefined;
let deflates: boolean | undefined;

function works(load: () => unknown): boolean {
  try {
    load();
    return true;
  } catch {
    return false;
  }
}

/**
 * What a client's hello offers.
 * @throws IPCError ERR_IPC_MISSING_PACKAGE where the config asks for what is not installed
 */
export function offered(config: Pick<Config, 'codec' | 'compress'>): {
  codecs?: string[];
  compress?: boolean;
} {
  const offer: { codecs?: string[]; compress?: boolean } = {};
  if (config.codec === 'msgpack') {
    packer(true);
    offer.codecs = ['msgpack'];
  }
  if (config.compress) {
    loadFastZlib();
    offer.compress = true;
  }
  return offer;
}

/** What a server agrees to of an offer: what it has the packages for. */
export function agreed({ codecs, compress }: { codecs?: unknown; compress?: unknown }): Agreement {
  const asksMsgpack = Array.isArray(codecs) && codecs.includes('msgpack');
  if (asksMsgpack) packs ??= works(() => packer(true));
  if (compress === true) deflates ??= works(loadFastZlib);
  return {
    codec: asksMsgpack && packs === true ? 'msgpack' : 'json',
    compress: compress === true && deflates === true,
  };
}
