import { type Config, defaults, validate } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { brief, checkKeys } from '../../entities/suggest.js';

const KEYS = [
  'maxMessageSize',
  'maxPendingBytes',
  'maxTotalBytes',
  'messageTimeout',
  'handshakeTimeout',
  'unlink',
  'readableAll',
  'writableAll',
  'mode',
  'group',
  'exclusive',
  'sameUser',
] as const;

/** Settings of the engine that each adapter accepts in addition to the options of the original library. */
export type EngineOptions = { [Key in (typeof KEYS)[number]]?: Config[Key] | undefined };

/**
 * Checks the options that a class of an adapter was created with.
 * @param own the options of the original library
 * @throws IPCError ERR_IPC_ARGUMENT if they are not an object, or if an option does not exist
 */
export function checkAdapterOptions(options: unknown, own: readonly string[], owner: string): void {
  if (typeof options !== 'object' || options === null) {
    const message = `${owner} takes its options as an object, such as { ${own[0]} }, and was given ${brief(options)}.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  checkKeys(options, { code: 'ERR_IPC_ARGUMENT', known: [...own, ...KEYS], owner, prefix: 'options.' });
}

/**
 * The engine's config for an adapter: the log is off, connections are unlimited, and the given settings apply.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function adapterConfig(options: EngineOptions): Config {
  const config = defaults();
  config.silent = true;
  config.identifyPeer = false;
  config.maxConnections = Number.POSITIVE_INFINITY;
  for (const key of KEYS) {
    if (options[key] !== undefined) Object.assign(config, { [key]: options[key] });
  }
  validate(config);
  return config;
}
