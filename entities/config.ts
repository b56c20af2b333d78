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
 * All settings of an `IPC`. A client or server reads them when it is set up; options of the call take precedence. Each file
 * in `config/` declares a group of keys with their docstrings, defaults and checks, and the functions that interpret their
 * values.
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
  /** An alias of `interfaces`: node-ipc's code reads `interface`, its documentation says `interfaces`. @default each false */
  interface: Interfaces;
  /**
   * In node-ipc, meant for the family of the machine's first network interface, but always ''. Here it has no effect.
   * @default ''
   */
  IPType?: string;
}

/** The default, the check and the normalization of each key. */
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

/** The definition of a key; undefined if the key is unknown. */
export function settingOf(key: PropertyKey): Setting | undefined {
  return Object.hasOwn(SETTINGS, key) ? SETTINGS[key as keyof typeof SETTINGS] : undefined;
}

const blank = layoutOf(Object.keys(SETTINGS));

/** Creates a config with node-ipc's defaults and the defaults of this package's own settings. */
export function defaults(): Config {
  const config = blank();
  for (const key of Object.keys(SETTINGS))
    config[key] = copyOf(SETTINGS[key as keyof typeof SETTINGS].default);
  Object.defineProperty(config, 'IPType', { value: '', writable: true, configurable: true });
  Object.defineProperty(config, 'interface', INTERFACE);
  return config as unknown as Config;
}

/**
 * All configs share this accessor: with an accessor for each config, V8 would turn the object into a hash table (see
 * layout.ts).
 */
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

/** Copies a default value if it is mutable. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...value];
  return typeof value === 'object' && value !== null ? { ...value } : value;
}

/**
 * Converts a value that node-ipc accepts to the documented type. Other values are returned unchanged, so that the check can
 * report them.
 */
export function normalize(key: PropertyKey, value: unknown): unknown {
  const setting = settingOf(key);
  if (setting === undefined || value === setting.default) return value;
  if (value === undefined || value === null) return 'unset' in setting ? copyOf(setting.unset) : value;
  return setting.normalize === undefined ? value : setting.normalize(value);
}

/**
 * Checks all settings.
 * @throws IPCError ERR_IPC_CONFIG; the message names the first invalid key, its value and what is expected
 */
export function validate(config: Config): void {
  for (const key of Object.keys(SETTINGS)) validateKey(key as keyof Config, config[key as keyof Config]);
  if (config.rawBuffer) checkRaw(config);
}

/**
 * Checks one setting.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function validateKey(key: keyof Config, value: unknown): void {
  const setting = settingOf(key);
  if (setting === undefined || value === setting.default || setting.check(value)) return;
  const shown = inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  const wrong = setting.wrong?.(value) ?? `config.${key} is ${shown}; it must be ${setting.expected}.`;
  throw new IPCError('ERR_IPC_CONFIG', wrong);
}
