import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import type { Dialect } from './dialect.js';
import { JsonDialect } from './json.js';
import { RawDialect } from './raw.js';
import { TopicDialect } from './topic.js';

/**
 * The dialect that a config asks a client to begin in.
 * @throws IPCError ERR_IPC_CONFIG where a hello is asked for in a dialect that has no words for it
 */
export function chooseDialect(config: Config): Dialect {
  const dialect = clientDialect(config);
  const greets = config.credentials !== undefined || config.codec !== 'json' || config.compress;
  if (!dialect.plain || !greets) return dialect;
  const message = `The ${dialect.name} dialect has no words for config.credentials, codec and compress; leave them out.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

function clientDialect(config: Config): Dialect {
  if (config.rawBuffer) return new RawDialect(config.encoding);
  if (config.dialect === 'topic') return new TopicDialect();
  return new JsonDialect(config.delimiter);
}

/** The dialect that a server begins in. */
export function chooseServerDialect(config: Config): Dialect {
  if (config.rawBuffer) return new RawDialect(config.encoding);
  if (config.accept[0] === 'topic') return new TopicDialect();
  return new JsonDialect(config.delimiter);
}
