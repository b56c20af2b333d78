import { IPCError } from '../index.js';

/** The exit codes of the command. `docs/command.md` lists them, too. */
export const EXIT = {
  ok: 0,
  /** The command found what it looks for: a malicious release, or files to migrate. */
  found: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  timeout: 5,
  /** The other side answered with an error. */
  answeredError: 6,
  /** The connection was lost, or something could not be sent. */
  lost: 7,
  /** A bug in the command itself. */
  internal: 70,
  interrupted: 130,
  /** The reader of the output has gone (EPIPE). */
  brokenPipe: 141,
} as const;

/** A mistake by the user. It is reported without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ends the command with a message and an exit code. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

const CODES: Readonly<Record<string, number>> = {
  ERR_IPC_ARGUMENT: EXIT.usage,
  ERR_IPC_CONFIG: EXIT.usage,
  ERR_IPC_ENCODE: EXIT.usage,
  ERR_IPC_MISSING_PACKAGE: EXIT.usage,
  ERR_IPC_UNSUPPORTED: EXIT.usage,
  ERR_IPC_ADDRESS: EXIT.unreachable,
  ERR_IPC_CONNECT: EXIT.unreachable,
  ERR_IPC_HANDSHAKE: EXIT.unreachable,
  ERR_IPC_IN_USE: EXIT.unreachable,
  ERR_IPC_LISTEN: EXIT.unreachable,
  ERR_IPC_REFUSED: EXIT.refused,
  ERR_IPC_TIMEOUT: EXIT.timeout,
  ERR_IPC_ABORTED: EXIT.interrupted,
  ERR_IPC_BACKPRESSURE: EXIT.lost,
  ERR_IPC_CLOSED: EXIT.lost,
  ERR_IPC_DISCONNECTED: EXIT.lost,
  ERR_IPC_PROTOCOL: EXIT.lost,
  ERR_IPC_SOCKET: EXIT.lost,
  ERR_IPC_TOO_LARGE: EXIT.lost,
  ERR_IPC_UNSENT: EXIT.lost,
};

/** File system errors that the user can fix, and how. */
const FILE_REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'check the permissions of the file and its directory',
  EEXIST: 'remove the file, or choose another name',
  EISDIR: 'name a file instead of a directory',
  ELOOP: 'remove the loop of symbolic links',
  EMFILE: 'raise the limit of open files (ulimit -n)',
  ENAMETOOLONG: 'choose a shorter name',
  ENOENT: 'check the name of the file',
  ENOSPC: 'make room on the disk',
  ENOTDIR: 'check the path of the file',
  EPERM: 'check the permissions of the file and its directory',
  EROFS: 'choose a directory that can be written to',
};

/** How to fix a file system error; undefined for any other error. */
export function fileRemedyOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && Object.hasOwn(FILE_REMEDIES, code) ? FILE_REMEDIES[code] : undefined;
}

/** The failure of a file that cannot be read or has invalid content. */
export function unreadable(path: string, error: unknown): Failure {
  const remedy = fileRemedyOf(error) ?? 'correct the file';
  return new Failure(`${path} cannot be read: ${(error as Error).message}; ${remedy}.`, EXIT.usage);
}

/** The exit code for an error; undefined if it is a bug in the command itself. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof IPCError) return CODES[error.code] ?? EXIT.answeredError;
  return fileRemedyOf(error) === undefined ? undefined : EXIT.usage;
}
