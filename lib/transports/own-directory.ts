import { join } from 'node:path';
import { codeOf } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';

/** This process's effective user; undefined on Windows, which numbers none. */
export function ownUser(): number | undefined {
  return process.geteuid?.();
}

/** Whether a directory is one that no other user can read, write or pass through, root aside. */
export function isPrivate(directory: string): boolean {
  const stats = fs.lstatSync(directory, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === ownUser() && (stats.mode & 0o077) === 0;
}

/** The directory inside `parent` that holds this user's locks and the names of sockets which are being set up. */
export function ownDirectory(parent: string): string {
  return join(parent, `.omni-ipc.${ownUser()}`);
}

/**
 * Makes a private directory unless it is there.
 * @returns false if another user, or something that is not a private directory, has the name
 * @throws the system's error if it cannot be made
 */
export function makePrivate(directory: string): boolean {
  try {
    fs.mkdirSync(directory, 0o700);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return isPrivate(directory);
}

/** Removes directories that are empty, and leaves those that are not, or that are gone already. */
export function removeEmpty(...directories: readonly string[]): void {
  for (const directory of directories) {
    try {
      fs.rmdirSync(directory);
    } catch {
      // Somebody else still uses it, or was faster.
    }
  }
}
