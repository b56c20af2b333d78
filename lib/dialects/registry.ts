import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { escapeText } from '../../entities/text.js';
import type { Dialect } from './dialect.js';
import { NodeIpcDialect } from './node-ipc.js';
import { orderOf } from './size.js';

/** A dialect that can be asked for by name, in `config.dialect` and `config.accept`. */
export interface NamedDialect {
  readonly name: string;
  /**
   * How what its peers send begins, a character for a byte, where a server that accepts several dialects tells it by that.
   * One that has no such beginning is what is left.
   */
  readonly beginnings: readonly string[];
  /** The dialect, as one end of a connection begins in it. */
  create(role: 'client' | 'server', config: Config): Dialect;
}

/** What every peer speaks that says nothing else. */
export const BASE_DIALECT = 'json';

const DIALECTS = new Map<string, NamedDialect>();

/** Makes a dialect known by its name, to every client and server of the process. */
export function registerDialect(dialect: NamedDialect): void {
  DIALECTS.set(dialect.name, dialect);
}

registerDialect({
  name: BASE_DIALECT,
  beginnings: [],
  create: (_role, config) => new NodeIpcDialect(config.delimiter, config, orderOf(config.framing)),
});

/** How the peers of a dialect begin, where it can be told by that. */
export function beginningsOf(name: string): readonly string[] {
  return DIALECTS.get(name)?.beginnings ?? [];
}

/**
 * The dialect of a name, for one end.
 * @param key where the config has the name
 * @throws IPCError ERR_IPC_CONFIG for a name that is not known
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
