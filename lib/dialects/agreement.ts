import type { Config } from '../../entities/config.js';
import type { Agreement } from './dialect.js';

/** What a client's hello offers. */
export function offered(_config: Pick<Config, 'codec' | 'compress'>): {
  codecs?: string[];
  compress?: boolean;
} {
  return {};
}

/** What a server agrees to of an offer. */
export function agreed(_offer: { codecs?: unknown; compress?: unknown }): Agreement {
  return { codec: 'json', compress: false };
}
