import { ADDRESSES, type AddressConfig } from './config/addresses.js';
import { BACKPLANE, type BackplaneConfig } from './config/backplane.js';
import { BOUNDS, type BoundsConfig } from './config/bounds.js';
import { LOGGING, type LogConfig } from './config/logging.js';
import { type Interfaces, NETWORK, type NetworkConfig } from './config/network.js';
import { PROFILE, type ProfileConfig } from './config/profile.js';
import { RETRIES, type RetryConfig } from './config/retries.js';
import type { Setting, Settings } from './config/setting.js';
import { SOCKET_FILES, type SocketFileConfig } from './config/socket-files.js';
import { TRUST, type TrustConfig } from './config/trust.js';
import { checkRaw, WIRE, type WireConfig } from './config/wire.js';
import { IPCError } from './errors.js';
import { inspect } from './inspect.js';
import { layoutOf } from './layout.js';

/**
 * Every setting of an `IPC`, read when a client or server is set up where nothing else is said. The parts are in `config/`:
 * each has its keys, their meaning, default and check, and what makes sense of their values.
 */
export interface Config
  extends ProfileConfig,
    AddressConfig,
    SocketFileConfig,
    NetworkConfig,
    WireConfig,
    LogConfig,
    RetryConfig,
    BoundsConfig,
    TrustConfig,
    BackplaneConfig {
  /** The same object as `interfaces`: node-ipc's code reads this name, its documentation the other. @default each false */
  interface: Interfaces;
  /** node-ipc's note of the machine's first network interface, always '' there; it decides nothing here. @default '' */
  IPType?: string;
}

/** What is known of every key. */
export const SETTINGS: Settings<Omit<Config, 'interface' | 'IPType'>> = {
  ...PROFILE,
  ...ADDRESSES,
  ...SOCKET_FILES,
  ...NETWORK,
  ...WIRE,
  ...LOGGING,
  ...RETRIES,
  ...BOUNDS,
  ...TRUST,
  ...BACKPLANE,
};

/** What is known of a key, whatever it is; undefined of one that nothing reads. */
export function settingOf(key: PropertyKey): Setting | undefined {
  return Object.hasOwn(SETTINGS, key) ? SETTINGS[key as keyof typeof SETTINGS] : undefined;
}

const blank = layoutOf(Object.keys(SETTINGS));

/** A fresh config with node-ipc's defaults and ours. */
export function defaults(): Config {
  const config = blank() as unknown as Config;
  for (const [key, setting] of Object.entries(SETTINGS)) {
    Object.assign(config, { [key]: copyOf(setting.default) });
  }
  Object.defineProperty(config, 'IPType', { value: '', writable: true, configurable: true });
  Object.defineProperty(config, 'interface', INTERFACE);
  return config;
}

/** One and the same for all configs: each with a getter of its own would be a hash table again. */
const INTERFACE: PropertyDescriptor & ThisType<Config> = {
  enumerable: false,
  configurable: true,
  get() {
    return this.interfaces;
  },
  set(value: Interfaces) {
    this.interfaces = value;
  },
};

/** A default, or a copy of it where it can be changed. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return typeof value === 'object' && value !== null ? { ...value } : value;
}

/** A setting as node-ipc takes it, in the type that this package works with; what node-ipc does not take is left as it is. */
export function normalize(key: PropertyKey, value: unknown): unknown {
  const setting = settingOf(key);
  if (setting === undefined) return value;
  if (value === undefined || value === null) return 'unset' in setting ? copyOf(setting.unset) : value;
  return setting.normalize === undefined ? value : setting.normalize(value);
}

/**
 * Checks a config before it is used.
 * @throws IPCError ERR_IPC_CONFIG that names the first bad key, its value and what is expected.
 */
export function validate(config: Config): void {
  for (const key of Object.keys(SETTINGS)) validateKey(key as keyof Config, config[key as keyof Config]);
  if (config.rawBuffer) checkRaw(config);
}

/**
 * Checks one setting alone.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function validateKey(key: keyof Config, value: unknown): void {
  const setting = settingOf(key);
  if (setting === undefined || setting.check(value)) return;
  const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  throw new IPCError('ERR_IPC_CONFIG', `config.${key} is ${shown}; it must be ${setting.expected}.`);
}
