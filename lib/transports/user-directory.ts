import { tmpdir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';

/** What the location of a user's own sockets depends on. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly runtimeDirectory: string | undefined;
  readonly temporaryDirectory: string;
  /** The user's id or, on Windows, name. */
  readonly user: number | string;
  /** The script that the process was started with. */
  readonly entry: string | undefined;
}

/** The surroundings of this process. */
export function surroundings(): Surroundings {
  return {
    platform: process.platform,
    runtimeDirectory: process.env.XDG_RUNTIME_DIR,
    temporaryDirectory: tmpdir(),
    user: process.getuid?.() ?? userInfo().username,
    entry: process.argv[1],
  };
}

/**
 * `omni-ipc` in XDG_RUNTIME_DIR if that belongs to the user, otherwise `omni-ipc-UID` in the system's temporary directory.
 */
export function userDirectory(here: Surroundings): string {
  const { platform, runtimeDirectory, temporaryDirectory, user } = here;
  const runtime = platform === 'win32' ? undefined : runtimeDirectory;
  if (runtime && isAbsolute(runtime) && faultOf(runtime, user) === undefined)
    return join(runtime, 'omni-ipc');
  return join(temporaryDirectory, `omni-ipc-${user}`);
}

/**
 * Creates a directory unless it exists, and checks that it is private to this user.
 * @param what the name of the directory in the message: `The channel's directory`
 * @param remedy what to do if it cannot be used
 * @throws IPCError ERR_IPC_ADDRESS
 */
export function secureDirectory(directory: string, here: Surroundings, what: string, remedy: string): void {
  try {
    makeDirectories(directory);
  } catch (cause) {
    const message = `${what} ${directory} cannot be created: ${messageOf(cause)}; ${remedy}.`;
    throw new IPCError('ERR_IPC_ADDRESS', message, { cause });
  }
  if (here.platform === 'win32') return;
  const fault = faultOf(directory, here.user);
  if (fault !== undefined) throw new IPCError('ERR_IPC_ADDRESS', `${what} ${directory} ${fault}; ${remedy}.`);
}

/**
 * Creates a directory and those above it, unless they exist. Node's own `recursive` never returns where a file system
 * reports an existing parent as missing, such as in /proc.
 */
function makeDirectories(directory: string): void {
  if (fs.existsSync(directory)) return;
  try {
    fs.mkdirSync(directory, 0o700);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const parent = dirname(directory);
    if (parent === directory || fs.existsSync(parent)) throw error;
    makeDirectories(parent);
    fs.mkdirSync(directory, 0o700);
  }
}

/** Why a directory cannot be trusted; undefined if it can. */
function faultOf(directory: string, user: number | string): string | undefined {
  const stats = fs.lstatSync(directory, { throwIfNoEntry: false });
  if (stats === undefined) return 'is not there';
  if (!stats.isDirectory()) return 'is not a directory';
  if (stats.uid !== user) return `belongs to the user ${stats.uid}, not to ${user}`;
  if ((stats.mode & 0o077) !== 0) return 'is open to other users (chmod 700 closes it)';
  return undefined;
}
