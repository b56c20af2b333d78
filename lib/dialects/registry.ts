import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { escapeText } from '../../entities/text.js';
import type { Dialect } from './dialect.js';
import { NodeIpcDialect } from './node-ipc.js';
import { orderOf } from './size.js';

/** A dialect that `config.dialect` and `config.accept` can name. */
export interface NamedDialect {
  readonly name: string;
  /**
   * The possible first bytes from a peer, one character per byte. A server that accepts several dialects detects the
   * dialect by them. A dialect without any is the fallback.
   */
  readonly beginnings: readonly string[];
  /** Creates the dialect in which one end of a connection starts. */
  create(role: 'client' | 'server', config: Config): Dialect;
}

/** The default dialect of every peer. */
export const BASE_DIALECT = 'json';

const DIALECTS = new Map<string, NamedDialect>();

/** Registers a dialect for all clients and servers of the process. */
export function registerDialect(dialect: NamedDialect): void {
  DIALECTS.set(dialect.name, dialect);
}

registerDialect({
  name: BASE_DIALECT,
  beginnings: [],
  create: (_role, config) => new NodeIpcDialect(config.delimiter, config, orderOf(config.framing)),
});

/** The first bytes by which a dialect can be detected. */
export function beginningsOf(name: string): readonly string[] {
  return DIALECTS.get(name)?.beginnings ?? [];
}

/**
 * Creates the dialect with a name, for one end.
 * @param key the config key that contains the name
 * @throws IPCError ERR_IPC_CONFIG if the name is unknown
 */
export function createDialect(
  name: string,
  role: 'client' | 'server',
  config: Config,
  key: 'dialect' | 'accept',
): Dialect {
  const found = DIALECTS.get(name);
  if (found !== undefined) return found.create(role, config);
  const names = [...DIALECTS.keys()].join(', ');
  const message = `config.${key} has ${escapeText(JSON.stringify(name))}; it must be one of ${names}.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}
