import { isDeepStrictEqual } from 'node:util';
import type { LogConfig } from './config/logging.js';
import { checkNetwork } from './config/network.js';
import { settingsOf } from './config/profile.js';
import type { RetryConfig } from './config/retries.js';
import { type Config, defaults, normalize, SETTINGS, settingOf, validate, validateKey } from './config.js';
import { IPCError } from './errors.js';
import { inspect } from './inspect.js';
import { layoutOf } from './layout.js';
import { checkKeys } from './suggest.js';

/** The settings that may be changed at any time and take effect at once. {@link fixed} freezes all others. */
type Live = LogConfig & RetryConfig;

function isLive(key: PropertyKey): key is keyof Live {
  return settingOf(key)?.live === true;
}

const KNOWN: readonly string[] = [...Object.keys(SETTINGS), 'interface', 'IPType'];

/** What to do about keys that other programs know, and that are not keys here. */
const FOREIGN = {
  parser: 'it is a key of node-ipc 14: set config.profile, config.rawBuffer or config.codec instead',
  secureSocketRoot: "it is a key of node-ipc 14: set config.profile to 'assured' instead",
  path: 'it is an argument: serve(path) and connectTo(id, path)',
};

/** The keys that the program set on each config. They take precedence over the profile. */
const chosen = new WeakMap<object, Set<PropertyKey>>();

/** The plain config behind each proxy that {@link openConfig} made. */
const targets = new WeakMap<object, Config>();

/**
 * Wraps a config for the program: live keys are checked when they are set, all other keys when a server or client is set
 * up.
 * @param config the settings that differ from the defaults
 * @throws IPCError ERR_IPC_CONFIG if it is not an object
 */
export function openConfig(config?: unknown): Config {
  if (config === undefined) return opened(defaults(), new Set());
  if (typeof config !== 'object' || config === null) {
    const value = inspect(config, { depth: 0 });
    const message = `ipc.config is ${value}; it must be an object of settings: set those you need, as in ipc.config.id = 'world'.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  if (targets.has(config)) return config as Config;
  return opened(complete(config), chosenIn(config));
}

/** @param own the keys that the program has set */
function opened(target: Config, own: Set<PropertyKey>): Config {
  chosen.set(target, own);
  const open = new Proxy(target, {
    set(_target, key, value) {
      own.add(key === 'interface' ? 'interfaces' : key);
      if (!isLive(key)) return Reflect.set(target, key, value);
      const checked = normalize(key, value);
      validateKey(key, checked);
      return Reflect.set(target, key, checked);
    },
    deleteProperty(_target, key) {
      own.delete(key);
      if (!isLive(key)) return Reflect.deleteProperty(target, key);
      return Reflect.set(target, key, defaults()[key]);
    },
  });
  targets.set(open, target);
  return open;
}

/** The keys of a complete config whose values differ from the defaults. */
function chosenIn(config: object): Set<PropertyKey> {
  const usual = defaults() as unknown as Record<string, unknown>;
  const own = Object.entries(config).filter(
    ([key, value]) => typeof usual[key] !== 'function' && !isDeepStrictEqual(usual[key], value),
  );
  return new Set(own.map(([key]) => key));
}

/** Merges `config` into the defaults. */
function complete(config: object): Config {
  const whole = defaults();
  for (const [key, value] of Object.entries(config)) {
    Object.defineProperty(whole, key === 'interface' ? 'interfaces' : key, {
      value: isLive(key) ? normalize(key, value) : value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return whole;
}

const BLANK = layoutOf(Object.keys(SETTINGS).filter((key) => !isLive(key)))();

/** An object with one key for each setting that is not live. */
class Blank {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: what extends this adds its own to that object
    return { __proto__: new.target.prototype, ...BLANK };
  }
}

/** The frozen settings of one server or client, with accessors for the live ones. */
class Fixed extends Blank {
  readonly #live: Live;

  constructor(config: Config, live: Live) {
    super();
    this.#live = live;
    const values: Record<string, unknown> = this as never;
    for (const [key, value] of Object.entries(config)) if (!isLive(key)) values[key] = value;
    Object.freeze(this);
  }

  /** Written out for speed, since it is read with every packet. */
  get logPayloads(): boolean {
    return this.#live.logPayloads;
  }

  get interface(): unknown {
    return (this as unknown as Config).interfaces;
  }

  static {
    for (const key of Object.keys(SETTINGS).filter(isLive)) {
      const known = Object.getOwnPropertyDescriptor(Fixed.prototype, key)?.get;
      Object.defineProperty(Fixed.prototype, key, {
        configurable: true,
        get:
          known ??
          function (this: Fixed) {
            return this.#live[key];
          },
        set(this: Fixed, value: unknown) {
          const checked = normalize(key, value);
          validateKey(key, checked);
          Object.assign(this.#live, { [key]: checked });
        },
      });
    }
  }
}

/**
 * The keys whose values the program has changed since {@link fixed} made `settings`, apart from the live ones.
 * @param config the program's config
 */
export function changedSince(settings: Config, config: Config): string[] {
  const target = targets.get(config) ?? config;
  const values = target as unknown as Record<string, unknown>;
  const before = settings as unknown as Record<string, unknown>;
  return [...(chosen.get(target) ?? [])].map(String).filter((key) => {
    if (isLive(key) || !Object.hasOwn(SETTINGS, key)) return false;
    return !isDeepStrictEqual(normalize(key, values[key]), before[key]);
  });
}

/**
 * Freezes the settings for a server or client that is being set up. Later changes to the config affect it only if the key
 * is live. Values in the forms that node-ipc accepts, such as `retry: '200'`, are converted to the documented types.
 * @throws IPCError ERR_IPC_CONFIG; the message names the first invalid key, its value and what is expected
 */
export function fixed(config: Config): Config {
  const target = targets.get(config) ?? config;
  checkKeys(target, {
    code: 'ERR_IPC_CONFIG',
    known: KNOWN,
    owner: 'ipc.config',
    prefix: 'config.',
    foreign: FOREIGN,
  });
  const given: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(settingsOf(target.profile)))
    if (!chosen.get(target)?.has(key)) given[key] = value;
  for (const key of Object.keys(given)) given[key] = normalize(key, given[key]);
  const values = given as unknown as Config;
  validate(values);
  checkNetwork(values);
  if (values.tls) values.tls = { ...values.tls };
  values.interfaces = { ...values.interfaces };
  return new Fixed(values, target) as unknown as Config;
}
