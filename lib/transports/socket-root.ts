import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import type { Config } from '../../entities/config.js';
import { codeOf, IPCError } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';
import { isPrivate, ownUser } from './own-directory.js';

/** The directories of one user, by the settings that select them: our own, and that of node-ipc 14. */
const PER_USER: Record<string, string> = { user: 'omni-ipc', 'node-ipc-14': 'node-ipc' };

/** Where a user's sockets are, as node-ipc 14 places them: in the runtime directory, or else one of their own in the temporary one. */
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
 * The path of the socket of an id: `socketRoot + appspace + id`, where `socketRoot` may be 'user' or 'node-ipc-14'.
 * @throws IPCError ERR_IPC_ADDRESS if another user has taken the name of this user's directory
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

/** Whether a directory may be made: in one that only this user can write to, or where it bears the user's number in a sticky one. */
function mayMake(directory: string): boolean {
  const parent = fs.statSync(dirname(directory), { throwIfNoEntry: false });
  if (parent?.isDirectory() !== true) return false;
  if (parent.uid === ownUser() && (parent.mode & 0o022) === 0) return true;
  return (parent.mode & 0o1000) !== 0 && basename(directory).endsWith(`-${ownUser()}`);
}

/**
 * Makes sure that a socket's directory is there: a missing one is made for this user alone where it lies in a directory of the
 * user's own. Checked here, since the system says that permission is denied.
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
 * Checks that no other user reaches a socket by its path, where `config.profile` asks for that. A missing directory is left to
 * whoever makes it, or finds nothing there.
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
