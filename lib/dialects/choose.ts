import type { Config } from '../../entities/config.js';
import type { Dialect } from './dialect.js';
import { JsonDialect } from './json.js';
import { RawDialect } from './raw.js';
import { TopicDialect } from './topic.js';

/** The dialect that a config asks a client to begin in. */
export function chooseDialect(config: Config): Dialect {
  if (config.rawBuffer) return new RawDialect(config.encoding);
  if (config.dialect === 'topic') return new TopicDialect();
  return new JsonDialect(config.delimiter);
}

/** The dialect that a server begins in. */
export function chooseServerDialect(config: Config): Dialect {
  if (config.rawBuffer) return new RawDialect(config.encoding);
  return new JsonDialect(config.delimiter);
}
