import { codecName } from '../../entities/codec.js';
import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { BASE_CODEC } from '../codecs/registry.js';
import { DetectDialect } from './detect.js';
import type { Dialect } from './dialect.js';
import { RawDialect } from './raw.js';
import { BASE_DIALECT, createDialect } from './registry.js';
import { orderOf } from './size.js';
import { StructuredDialect } from './structured.js';

/** What connections carry: values need no bytes made of them. */
type Carries = 'bytes' | 'messages' | 'datagrams';

/**
 * The dialect that a config asks a client to begin in.
 * @throws IPCError ERR_IPC_CONFIG for a dialect that is not known, or if a hello is asked for in one that has no words
 * for it
 */
export function chooseDialect(config: Config, carries: Carries): Dialect {
  if (carries === 'messages') return structured(config);
  const dialect = config.rawBuffer ? raw(config) : createDialect(config.dialect, 'client', config, 'dialect');
  const greets =
    config.credentials !== undefined || codecName(config.codec) !== BASE_CODEC || config.compress;
  if (typeof config.codec !== 'string' && dialect.name !== BASE_DIALECT) throw ownCodec(dialect.name);
  if (dialect.capabilities.calls || !greets) return dialect;
  const message = `The ${dialect.name} dialect cannot express config.credentials, codec and compress; leave them out.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/**
 * The dialect that a server begins in: one that finds out, where it accepts several.
 * @throws IPCError ERR_IPC_CONFIG for a dialect that is not known
 */
export function chooseServerDialect(config: Config, carries: Carries): Dialect {
  if (carries === 'messages') return structured(config);
  if (config.rawBuffer) return raw(config);
  const accepted = new Map<string, Dialect>();
  for (const name of config.accept) accepted.set(name, createDialect(name, 'server', config, 'accept'));
  const [only] = accepted.values();
  return accepted.size === 1 ? (only as Dialect) : new DetectDialect(accepted);
}

/** The dialect of datagrams, which greet nobody and stand each for itself. */
export function chooseDatagramDialect(config: Config): Dialect {
  return config.rawBuffer ? raw(config) : createDialect(BASE_DIALECT, 'server', config, 'dialect');
}

function raw(config: Config): RawDialect {
  return new RawDialect(config.encoding, config, orderOf(config.framing));
}

/** Of a codec that a dialect cannot express: it knows only those of its own protocol. */
function ownCodec(dialect: string): IPCError {
  const message = `The ${dialect} dialect cannot agree on a codec of your own; leave out config.codec, or use config.dialect = 'json'.`;
  return new IPCError('ERR_IPC_CONFIG', message);
}

/** The dialect of values, which travel without becoming bytes. */
function structured({ rawBuffer }: Config): Dialect {
  if (!rawBuffer) return new StructuredDialect();
  const message =
    'config.rawBuffer sends bytes, and a message port carries values; unset it, and emit buffers as data.';
  throw new IPCError('ERR_IPC_CONFIG', message);
}
