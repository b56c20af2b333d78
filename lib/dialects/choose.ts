import type { Config, DialectName } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { DetectDialect } from './detect.js';
import type { Dialect } from './dialect.js';
import { NetIpcDialect } from './net-ipc.js';
import { NodeIpcDialect } from './node-ipc.js';
import { RawDialect } from './raw.js';
import { TopicDialect } from './topic.js';

/**
 * The dialect that a config asks a client to begin in.
 * @throws IPCError ERR_IPC_CONFIG where a hello is asked for in a dialect that has no words for it
 */
export function chooseDialect(config: Config): Dialect {
  const dialect = config.rawBuffer
    ? new RawDialect(config.encoding)
    : named(config.dialect, 'client', config);
  const greets = config.credentials !== undefined || config.codec !== 'json' || config.compress;
  if (dialect.capabilities.calls || !greets) return dialect;
  const message = `The ${dialect.name} dialect has no words for config.credentials, codec and compress; leave them out.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/** The dialect that a server begins in: one that finds out, where it accepts several. */
export function chooseServerDialect(config: Config): Dialect {
  if (config.rawBuffer) return new RawDialect(config.encoding);
  const accepted = new Map<DialectName, Dialect>();
  for (const name of config.accept) accepted.set(name, named(name, 'server', config));
  const [only] = accepted.values();
  return accepted.size === 1 ? (only as Dialect) : new DetectDialect(accepted);
}

function named(name: DialectName, role: 'client' | 'server', config: Config): Dialect {
  if (name === 'net-ipc') return new NetIpcDialect({ role });
  if (name === 'topic') return new TopicDialect();
  return new NodeIpcDialect(config.delimiter);
}

/** The dialect of datagrams, which greet nobody and stand each for itself. */
export function chooseDatagramDialect(config: Config): Dialect {
  return config.rawBuffer ? new RawDialect(config.encoding) : new NodeIpcDialect(config.delimiter);
}
