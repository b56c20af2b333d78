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

/** The files of Unix sockets: their permissions, and how servers and clients treat them. */
export interface SocketFileConfig {
  /** Whether every user of the machine may read from the server's socket file. @default false */
  readableAll: boolean;
  /** Whether every user of the machine may write to the server's socket file, and thus connect. @default false */
  writableAll: boolean;
  /**
   * The permissions of a server's socket file, as a number (0o660) or as octal digits ('660').
   * @default undefined: the umask decides
   * @example
   * ipc.config.mode = 0o660;
   */
  mode: number | string | undefined;
  /**
   * The group of a server's socket file, by name or number.
   * @default undefined: the group of the process
   * @example
   * ipc.config.group = 'www-data';
   */
  group: number | string | undefined;
  /**
   * What a server does if its path has a socket already: true removes a socket that no server listens on; false never
   * removes one; 'force' also takes the path from a running server.
   * @default true
   */
  unlink: boolean | 'force';
  /** Whether a client refuses a socket file that belongs to another user. @default false */
  sameUser: boolean;
  /**
   * Whether a `node:cluster` worker listens on its own socket instead of the one that all workers share.
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
    protects: 'unix',
  },
  group: {
    default: undefined,
    check: optional(isGroup),
    expected: 'the name or the number of a group',
    protects: 'unix',
  },
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
