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

/** What a connection carries. Messages hold values, which need not be encoded to bytes. */
type Carries = 'bytes' | 'messages' | 'datagrams';

/**
 * The dialect in which a client starts.
 * @throws IPCError ERR_IPC_CONFIG if the dialect is unknown, or if the config requires a hello that the dialect cannot
 * express
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
 * The dialect in which a server starts. If it accepts several, that is one which detects the peer's.
 * @throws IPCError ERR_IPC_CONFIG if the dialect is unknown
 */
export function chooseServerDialect(config: Config, carries: Carries): Dialect {
  if (carries === 'messages') return structured(config);
  if (config.rawBuffer) return raw(config);
  const accepted = new Map<string, Dialect>();
  for (const name of config.accept) accepted.set(name, createDialect(name, 'server', config, 'accept'));
  const [only] = accepted.values();
  return accepted.size === 1 ? (only as Dialect) : new DetectDialect(accepted);
}

/** The names of the dialects that a server's clients may use. */
export function dialectsOf(config: Config, carries: Carries): readonly string[] {
  if (carries === 'messages') return ['structured'];
  if (config.rawBuffer) return ['raw'];
  return carries === 'datagrams' ? [BASE_DIALECT] : [...config.accept];
}

/** The dialect of datagrams. They have no handshake, and each is independent. */
export function chooseDatagramDialect(config: Config): Dialect {
  return config.rawBuffer ? raw(config) : createDialect(BASE_DIALECT, 'server', config, 'dialect');
}

function raw(config: Config): RawDialect {
  return new RawDialect(config.encoding, config, orderOf(config.framing));
}

/** The error of a codec setting in a dialect that has a fixed codec. */
function ownCodec(dialect: string): IPCError {
  const message = `The ${dialect} dialect cannot agree on a codec of your own; leave out config.codec, or use config.dialect = 'json'.`;
  return new IPCError('ERR_IPC_CONFIG', message);
}

/** The dialect of values, which are not encoded to bytes. */
function structured({ rawBuffer }: Config): Dialect {
  if (!rawBuffer) return new StructuredDialect();
  const message =
    'config.rawBuffer sends bytes, and a message port carries values; unset it, and emit buffers as data.';
  throw new IPCError('ERR_IPC_CONFIG', message);
}
