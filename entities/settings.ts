import { isDeepStrictEqual } from 'node:util';
import type { LogConfig } from './config/logging.js';
import { settingsOf } from './config/profile.js';
import type { RetryConfig } from './config/retries.js';
import { type Config, defaults, normalize, SETTINGS, settingOf, validate, validateKey } from './config.js';
import { IPCError } from './errors.js';
import { inspect } from './inspect.js';
import { layoutOf } from './layout.js';
import { checkKeys } from './suggest.js';

/** What may be set at any time, and counts from then on. Everything else is fixed by {@link fixed}. */
type Live = LogConfig & RetryConfig;

function isLive(key: PropertyKey): key is keyof Live {
  return settingOf(key)?.live === true;
}

const KNOWN: readonly string[] = [...Object.keys(SETTINGS), 'interface', 'IPType'];

/** The keys that were set on each config; what a profile sets gives way to them. */
const chosen = new WeakMap<object, Set<PropertyKey>>();

/** The settings behind each config that {@link openConfig} made, without its checks. */
const targets = new WeakMap<object, Config>();

/**
 * A config as users set it. A live key is checked at once, every other key when a server or client is set up.
 * @throws IPCError ERR_IPC_CONFIG if it is not an object
 */
export function openConfig(config: unknown = defaults()): Config {
  if (typeof config !== 'object' || config === null) {
    const value = inspect(config, { depth: 0 });
    const message = `ipc.config is ${value}; it must be an object of settings: set those you need, as in ipc.config.id = 'world'.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  if (targets.has(config)) return config as Config;
  const target = complete(config);
  const own = chosenIn(config);
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

/** What a whole config says otherwise than the defaults do. */
function chosenIn(config: object): Set<PropertyKey> {
  const usual = defaults() as unknown as Record<string, unknown>;
  const own = Object.entries(config).filter(
    ([key, value]) => typeof usual[key] !== 'function' && !isDeepStrictEqual(usual[key], value),
  );
  return new Set(own.map(([key]) => key));
}

/** Every setting, those of `config` over the defaults. */
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

const blank = layoutOf(Object.keys(SETTINGS).filter((key) => !isLive(key)));

/** An object with a key for each setting that is not live. */
class Blank {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: what extends this adds its own to that object
    return Object.setPrototypeOf(blank(), new.target.prototype);
  }
}

/** The settings of one server or client. */
class Fixed extends Blank {
  readonly #live: Live;

  constructor(config: Config, live: Live) {
    super();
    this.#live = live;
    const values: Record<string, unknown> = this as never;
    for (const [key, value] of Object.entries(config)) if (!isLive(key)) values[key] = value;
    Object.freeze(this);
  }

  /** Asked for with every packet, and so spelled out. */
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
 * Fixes the settings for a server or client that is set up now: later changes reach it where a key is live, and no other.
 * Values that node-ipc takes, such as `retry: '200'`, are brought into the type that is documented.
 * @throws IPCError ERR_IPC_CONFIG that names the first bad key, its value and what is expected
 */
export function fixed(config: Config): Config {
  const target = targets.get(config) ?? config;
  checkKeys(target, { code: 'ERR_IPC_CONFIG', known: KNOWN, owner: 'ipc.config', prefix: 'config.' });
  const values = { ...target } as Config;
  for (const [key, value] of Object.entries(settingsOf(target.profile))) {
    if (!chosen.get(target)?.has(key)) Object.assign(values, { [key]: value });
  }
  for (const key of Object.keys(values))
    Object.assign(values, { [key]: normalize(key, values[key as keyof Config]) });
  validate(values);
  if (values.tls) values.tls = { ...values.tls };
  values.interfaces = { ...values.interfaces };
  return new Fixed(values, target) as unknown as Config;
}
