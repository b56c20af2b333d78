import { type Config, defaults, validate, validateKey } from './config.js';
import { IPCError } from './errors.js';
import { inspect } from './inspect.js';
import { checkKeys } from './suggest.js';

/** What may be set at any time, and counts from then on. Everything else is fixed by {@link fixed}. */
const LIVE = [
  'silent',
  'logger',
  'logInColor',
  'logDepth',
  'logPayloads',
  'retry',
  'maxRetries',
  'stopRetrying',
] as const;
type LiveKey = (typeof LIVE)[number];
type Live = Pick<Config, LiveKey>;

const KNOWN: readonly string[] = [...Object.keys(defaults()), 'interface', 'IPType'];

const FLAGS = 'readableAll,writableAll,rawBuffer,sync,silent,logInColor,unlink'.split(',');
const NUMBERS = 'networkPort,maxConnections,retry,maxRetries,stopRetrying,logDepth'.split(',');
const ENCODINGS: Record<string, string> = { 'ucs-2': 'ucs2', 'utf-16le': 'utf16le' };

/** A setting as node-ipc takes it, in the type that this package works with; what node-ipc does not take is left as it is. */
function normal(key: string, value: unknown): unknown {
  if (value === undefined || value === null) return absent(key, value);
  if (key === 'retry' && typeof value === 'object') return Object.freeze({ ...value });
  if (FLAGS.includes(key)) return value === 0 || value === 1 ? value === 1 : value;
  if (NUMBERS.includes(key))
    return typeof value === 'string' && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  if (key === 'id') return typeof value === 'number' ? String(value) : value;
  if (key === 'encoding' && typeof value === 'string') {
    const name = value.toLowerCase();
    return ENCODINGS[name] ?? name;
  }
  return value;
}

/** What a setting that is unset means: off where it can be, and else its default where there is one to fall back on. */
function absent(key: string, value: unknown): unknown {
  if (FLAGS.includes(key) || key === 'tls' || key === 'maxRetries' || key === 'stopRetrying') return false;
  if (key === 'logger' || key === 'interfaces' || key === 'networkHost' || key === 'networkPort') {
    return defaults()[key];
  }
  return value;
}

/** The settings behind each config that {@link openConfig} made, without its checks. */
const targets = new WeakMap<object, Config>();

/**
 * A config as users set it. A live key is checked at once, every other key when a server or client is set up.
 * @throws IPCError ERR_IPC_CONFIG where it is no object
 */
export function openConfig(config: unknown = defaults()): Config {
  if (typeof config !== 'object' || config === null) {
    const value = inspect(config, { depth: 0 });
    const message = `ipc.config is ${value}; it must be an object of settings: set those you need, as in ipc.config.id = 'world'.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  if (targets.has(config)) return config as Config;
  const target = complete(config);
  const open = new Proxy(target, {
    set(_target, key, value) {
      if (!LIVE.includes(key as LiveKey)) return Reflect.set(target, key, value);
      const checked = normal(key as string, value);
      validateKey(key as LiveKey, checked);
      return Reflect.set(target, key, checked);
    },
    deleteProperty(_target, key) {
      if (!LIVE.includes(key as LiveKey)) return Reflect.deleteProperty(target, key);
      return Reflect.set(target, key, defaults()[key as LiveKey]);
    },
  });
  targets.set(open, target);
  return open;
}

/** Every setting, those of `config` over the defaults. */
function complete(config: object): Config {
  const whole = defaults();
  for (const [key, value] of Object.entries(config)) {
    Object.defineProperty(whole, key === 'interface' ? 'interfaces' : key, {
      value: LIVE.includes(key as LiveKey) ? normal(key, value) : value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return whole;
}

/** The settings of one server or client. */
class Fixed {
  readonly #live: Live;

  constructor(config: Config, live: Live) {
    this.#live = live;
    const values: Record<string, unknown> = this as never;
    for (const [key, value] of Object.entries(config))
      if (!LIVE.includes(key as LiveKey)) values[key] = value;
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
    for (const key of LIVE) {
      const known = Object.getOwnPropertyDescriptor(Fixed.prototype, key)?.get;
      Object.defineProperty(Fixed.prototype, key, {
        configurable: true,
        get:
          known ??
          function (this: Fixed) {
            return this.#live[key];
          },
        set(this: Fixed, value: unknown) {
          const checked = normal(key, value);
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
  for (const key of Object.keys(values))
    Object.assign(values, { [key]: normal(key, values[key as keyof Config]) });
  validate(values);
  if (values.tls) values.tls = { ...values.tls };
  values.interfaces = { ...values.interfaces };
  return new Fixed(values, target) as unknown as Config;
}
