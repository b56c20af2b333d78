import { type Config, defaults, validate } from '../../entities/config.js';

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
