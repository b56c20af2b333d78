import {
  callable,
  flagSetting,
  looseFlagSetting,
  looseNumber,
  number,
  type Setting,
  type Settings,
} from './setting.js';

/** What is logged, and how. Each key is read when it is used, so that a change counts at once. */
export interface LogConfig {
  /** Logs nothing. Read at each line. @default false */
  silent: boolean;
  /** Colors objects in the log. Read at each line. @default true */
  logInColor: boolean;
  /** How many levels of an object the log shows. Read at each line. @default 5 */
  logDepth: number;
  /** Is given each line of the log. Read at each line. @default console.log */
  logger: (message: string) => void;
  /** Logs what is sent and received, too. Read at each message. @default false */
  logPayloads: boolean;
}

const LOGGER: Setting = {
  get default() {
    return console.log.bind(console);
  },
  get unset() {
    return this.default;
  },
  check: callable,
  expected: 'a function that takes a string',
  live: true,
};

export const LOGGING: Settings<LogConfig> = {
  silent: { ...looseFlagSetting(false), live: true },
  logInColor: { ...looseFlagSetting(true), live: true },
  logDepth: {
    default: 5,
    check: (value) => value === null || number(0)(value),
    expected: 'a number of levels, from 0',
    normalize: looseNumber,
    live: true,
  },
  logger: LOGGER,
  logPayloads: { ...flagSetting(false), live: true },
};
