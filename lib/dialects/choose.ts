import type { Config, DialectName } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { BASE_CODEC } from '../codecs/registry.js';
import type { ByteOrder } from '../framing/length-prefixed.js';
import { DetectDialect } from './detect.js';
import type { Dialect } from './dialect.js';
import { NetIpcDialect } from './net-ipc.js';
import { NodeIpcDialect } from './node-ipc.js';
import { RawDialect } from './raw.js';
import { StructuredDialect } from './structured.js';
import { TopicDialect } from './topic.js';

/** What connections carry: values need no bytes made of them. */
type Carries = 'bytes' | 'messages' | 'datagrams';

/**
 * The dialect that a config asks a client to begin in.
 * @throws IPCError ERR_IPC_CONFIG where a hello is asked for in a dialect that has no words for it
 */
export function chooseDialect(config: Config, carries: Carries): Dialect {
  if (carries === 'messages') return structured(config);
  const dialect = config.rawBuffer ? raw(config) : named(config.dialect, 'client', config);
  const greets = config.credentials !== undefined || config.codec !== BASE_CODEC || config.compress;
  if (dialect.capabilities.calls || !greets) return dialect;
  const message = `The ${dialect.name} dialect has no words for config.credentials, codec and compress; leave them out.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/** The dialect that a server begins in: one that finds out, where it accepts several. */
export function chooseServerDialect(config: Config, carries: Carries): Dialect {
  if (carries === 'messages') return structured(config);
  if (config.rawBuffer) return raw(config);
  const accepted = new Map<DialectName, Dialect>();
  for (const name of config.accept) accepted.set(name, named(name, 'server', config));
  const [only] = accepted.values();
  return accepted.size === 1 ? (only as Dialect) : new DetectDialect(accepted);
}

function named(name: DialectName, role: 'client' | 'server', config: Config): Dialect {
  if (name === 'net-ipc') return new NetIpcDialect({ role, limits: config });
  if (name === 'topic') return new TopicDialect(config);
  return nodeIpc(config);
}

/** The dialect of datagrams, which greet nobody and stand each for itself. */
export function chooseDatagramDialect(config: Config): Dialect {
  return config.rawBuffer ? raw(config) : nodeIpc(config);
}

function raw(config: Config): RawDialect {
  return new RawDialect(config.encoding, config, orderOf(config));
}

function nodeIpc(config: Config): NodeIpcDialect {
  return new NodeIpcDialect(config.delimiter, config, orderOf(config));
}

/** The order of the bytes of the length before each message; undefined where there is none. */
function orderOf({ framing }: Config): ByteOrder | undefined {
  if (framing === 'delimited') return undefined;
  return framing === 'length-prefixed' ? 'big-endian' : 'little-endian';
}

/** The dialect of values, which travel without becoming bytes. */
function structured({ rawBuffer }: Config): Dialect {
  if (!rawBuffer) return new StructuredDialect();
  const message =
    'config.rawBuffer sends bytes, and a message port carries values; unset it, and emit buffers as data.';
  throw new IPCError('ERR_IPC_CONFIG', message);
}
