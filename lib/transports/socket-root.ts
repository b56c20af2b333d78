import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import type { Config } from '../../entities/config.js';
import { codeOf, IPCError } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';
import { isPrivate, ownUser } from './own-directory.js';

/** The names of the per-user directories, by the value of `socketRoot`: ours, and that of node-ipc 14. */
const PER_USER: Record<string, string> = { user: 'omni-ipc', 'node-ipc-14': 'node-ipc' };

/**
 * The directory of a user's sockets, located as in node-ipc 14: in the runtime directory or, if there is none, in the
 * user's own subdirectory of the temporary directory.
 */
function userRoot(name: string, platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (platform === 'win32') return `/${name}-${userInfo().username.replace(/[^\w.-]/g, '_')}/`;
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, name) + sep;
  const root = join(tmpdir(), `${name}-${ownUser()}`);
  if (fs.lstatSync(root, { throwIfNoEntry: false }) !== undefined && !isPrivate(root)) {
    const message = `${root} is not this user's own, or others may use it; remove it, or choose another config.socketRoot.`;
    throw new IPCError('ERR_IPC_ADDRESS', message);
  }
  return root + sep;
}

/**
 * The socket path of an id: `socketRoot + appspace + id`. `socketRoot` may be 'user' or 'node-ipc-14'.
 * @throws IPCError ERR_IPC_ADDRESS if another user owns the directory that would be this user's
 */
export function socketPath(
  { socketRoot, appspace }: Pick<Config, 'socketRoot' | 'appspace'>,
  id: string,
  platform = process.platform,
  env = process.env,
): string {
  const name = Object.hasOwn(PER_USER, socketRoot) ? PER_USER[socketRoot] : undefined;
  const root = name === undefined ? socketRoot : userRoot(name, platform, env);
  return `${root}${appspace}${id}`;
}

/**
 * Whether a directory may be created: its parent is writable only by this user, or is sticky and the directory's name
 * contains the user's id.
 */
function mayMake(directory: string): boolean {
  const parent = fs.statSync(dirname(directory), { throwIfNoEntry: false });
  if (parent?.isDirectory() !== true) return false;
  if (parent.uid === ownUser() && (parent.mode & 0o022) === 0) return true;
  return (parent.mode & 0o1000) !== 0 && basename(directory).endsWith(`-${ownUser()}`);
}

/**
 * Ensures that the directory of a socket exists. A missing one is created, private to this user, where {@link mayMake}
 * permits it. It is checked here, because the system's error would be a misleading permission error.
 * @throws IPCError ERR_IPC_ADDRESS
 */
export function makeDirectoryOf(path: string): void {
  const directory = dirname(path);
  const there = fs.statSync(directory, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  if (there === undefined && mayMake(directory)) {
    try {
      fs.mkdirSync(directory, 0o700);
      return;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return;
    }
  }
  const what = there === undefined ? 'does not exist' : 'is not a directory';
  const message = `Cannot listen on ${path}: ${directory} ${what}; create it, or choose another config.socketRoot.`;
  throw new IPCError('ERR_IPC_ADDRESS', message);
}

/**
 * If `config.profile` requires it, checks that no other user can reach a socket by its path. It accepts a missing
 * directory: the server creates it, and a client cannot connect.
 * @throws IPCError ERR_IPC_ADDRESS
 */
export function checkDirectoryOf(path: string, { profile }: Pick<Config, 'profile'>): void {
  if (profile !== 'assured') return;
  const directory = dirname(path);
  if (fs.lstatSync(directory, { throwIfNoEntry: false }) === undefined || isPrivate(directory)) return;
  const message =
    `${directory} is not this user's alone, as config.profile 'assured' asks for; make it the user's own with mode 0700, or ` +
    'choose another config.socketRoot.';
  throw new IPCError('ERR_IPC_ADDRESS', message);
}
