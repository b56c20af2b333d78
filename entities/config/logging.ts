import {
  callable,
  flagSetting,
  looseFlagSetting,
  looseNumber,
  number,
  type Setting,
  type Settings,
} from './setting.js';

/** Settings of the log. They are read at each use, so changes take effect at once. */
export interface LogConfig {
  /** Whether the log is off. Read at each line. @default false */
  silent: boolean;
  /** Whether objects in the log are in color. Read at each line. @default true */
  logInColor: boolean;
  /** How many levels of an object the log shows. Read at each line. @default 5 */
  logDepth: number;
  /**
   * The function that receives each line of the log. Read at each line.
   * @default console.log
   * @example
   * ipc.config.logger = (line) => process.stderr.write(`${line}\n`);
   */
  logger: (message: string) => void;
  /** Whether the log includes the payloads of messages. Read at each message. @default false */
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
