import {
  duration,
  flag,
  looseNumber,
  MILLISECONDS,
  number,
  object,
  type Setting,
  type Settings,
} from './setting.js';

/** A fixed delay, or a range from which a random delay is chosen, in milliseconds. */
export type Delay = number | { min: number; max: number };

/** When a client tries to reconnect. The settings are read at each use, so changes take effect at once. */
export interface RetryConfig {
  /**
   * The delay before a client tries to connect again, in milliseconds; with `{ min, max }` a random one in that range.
   * @default 500
   * @example
   * ipc.config.retry = { min: 100, max: 1000 };
   */
  retry: Delay;
  /** How many times a client tries to reconnect after the connection is lost; false sets no limit. @default false */
  maxRetries: boolean | number;
  /** True stops reconnecting; a number is a limit like `maxRetries`. Read at each attempt. @default false */
  stopRetrying: boolean | number;
}

function isDelay(value: unknown): boolean {
  if (!object(value)) return duration(value);
  const { min, max } = value as { min: unknown; max: unknown };
  return duration(min) && duration(max) && (min as number) <= (max as number);
}

/** Copies the bounds, so that later changes to the caller's object cannot bypass the check. */
function looseDelay(value: unknown): unknown {
  return object(value) ? Object.freeze({ ...(value as object) }) : looseNumber(value);
}

function limit(expected: string): Setting {
  return {
    default: false,
    check: (value) => flag(value) || number(0)(value),
    expected,
    normalize: looseNumber,
    unset: false,
    live: true,
  };
}

export const RETRIES: Settings<RetryConfig> = {
  retry: {
    default: 500,
    check: isDelay,
    expected: `${MILLISECONDS}, or { min, max } of such`,
    normalize: looseDelay,
    unset: 500,
    live: true,
  },
  maxRetries: limit('false, or a number of retries from 0'),
  stopRetrying: limit('true, false, or a number of retries from 0'),
};

/** How many times a client may reconnect after the connection is lost; combines `maxRetries` and `stopRetrying`. */
export function retryLimit(config: Pick<RetryConfig, 'maxRetries' | 'stopRetrying'>): number {
  const { maxRetries, stopRetrying } = config;
  const most = typeof maxRetries === 'number' ? maxRetries : Number.POSITIVE_INFINITY;
  if (stopRetrying === true) return 0;
  return typeof stopRetrying === 'number' ? Math.min(most, stopRetrying) : most;
}

/** Picks the next delay from a {@link Delay}, in milliseconds. */
export function delayOf(delay: Delay): number {
  return typeof delay === 'number' ? delay : delay.min + Math.random() * (delay.max - delay.min);
}
