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

/** A fixed delay, or a random one between two bounds, in milliseconds. */
export type Delay = number | { min: number; max: number };

/** When a client tries again. Each key is read when it is used, so that a change counts at once. */
export interface RetryConfig {
  /**
   * How many milliseconds a client waits before it tries again; `{ min, max }` picks a time in between.
   * @default 500
   */
  retry: Delay;
  /** How often a client tries again after a connection was lost; false sets no limit. @default false */
  maxRetries: boolean | number;
  /** True stops a client's tries, a number limits them like `maxRetries`. Read at each try. @default false */
  stopRetrying: boolean | number;
}

function isDelay(value: unknown): boolean {
  if (!object(value)) return duration(value);
  const { min, max } = value as { min: unknown; max: unknown };
  return duration(min) && duration(max) && (min as number) <= (max as number);
}

/** The bounds are copied, so that nobody changes them unchecked. */
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
    live: true,
  },
  maxRetries: limit('false, or a number of retries from 0'),
  stopRetrying: limit('true, false, or a number of retries from 0'),
};

/** How often a client may retry after a connection is lost, by `maxRetries` and `stopRetrying` together. */
export function retryLimit(config: Pick<RetryConfig, 'maxRetries' | 'stopRetrying'>): number {
  const { maxRetries, stopRetrying } = config;
  const most = typeof maxRetries === 'number' ? maxRetries : Number.POSITIVE_INFINITY;
  if (stopRetrying === true) return 0;
  return typeof stopRetrying === 'number' ? Math.min(most, stopRetrying) : most;
}

/** The next wait of a {@link Delay}. */
export function delayOf(delay: Delay): number {
  return typeof delay === 'number' ? delay : delay.min + Math.random() * (delay.max - delay.min);
}
