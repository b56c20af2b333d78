import {
  filled,
  flagSetting,
  looseFlag,
  looseFlagSetting,
  oneOf,
  optional,
  type Settings,
  whole,
} from './setting.js';

/** What happens to the files of Unix sockets, and who may use them. */
export interface SocketFileConfig {
  /** Lets every user of the machine read from the server's socket file. @default false */
  readableAll: boolean;
  /** Lets every user of the machine write to the server's socket file, and so connect. @default false */
  writableAll: boolean;
  /**
   * The permissions of a server's socket file, as a number (0o660) or as octal digits ('660').
   * @default undefined, what the umask leaves
   */
  mode: number | string | undefined;
  /** The group of a server's socket file, by name or number. @default undefined, the process's own */
  group: number | string | undefined;
  /**
   * What a server does with a socket at its path: true removes a dead one, false removes none, 'force' takes
   * a living server's path, too.
   * @default true
   */
  unlink: boolean | 'force';
  /** A client refuses a socket whose file belongs to another user. @default false */
  sameUser: boolean;
  /**
   * In a `node:cluster` worker: listens on a socket of its own instead of one that all workers share.
   * @default false
   */
  exclusive: boolean;
}

function isMode(value: unknown): boolean {
  return typeof value === 'string' ? /^(0o|0)?[0-7]{3}$/.test(value) : whole(0, 0o777)(value);
}

function isGroup(value: unknown): boolean {
  return filled(value) || whole(0)(value);
}

export const SOCKET_FILES: Settings<SocketFileConfig> = {
  readableAll: looseFlagSetting(false),
  writableAll: looseFlagSetting(false),
  mode: {
    default: undefined,
    check: optional(isMode),
    expected: "permissions such as 0o660 or '660', up to 0o777",
  },
  group: { default: undefined, check: optional(isGroup), expected: 'the name or the number of a group' },
  unlink: {
    default: true,
    check: oneOf(true, false, 'force'),
    expected: "true, false or 'force'",
    normalize: looseFlag,
    unset: false,
  },
  sameUser: flagSetting(false),
  exclusive: flagSetting(false),
};
