import { join } from 'node:path';
import { codeOf } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';

/** The effective user id of this process; undefined on Windows, which has no user ids. */
export function ownUser(): number | undefined {
  return process.geteuid?.();
}

/** Whether no other user, except root, can read, write or enter a directory. */
export function isPrivate(directory: string): boolean {
  const stats = fs.lstatSync(directory, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === ownUser() && (stats.mode & 0o077) === 0;
}

/** The directory inside `parent` for this user's locks and for sockets that are being set up. */
export function ownDirectory(parent: string): string {
  return join(parent, `.omni-ipc.${ownUser()}`);
}

/**
 * Creates a private directory unless it exists.
 * @returns false if the name belongs to another user, or to something that is not a private directory
 * @throws the system's error if the directory cannot be created
 */
export function makePrivate(directory: string): boolean {
  // An attempt to create it would lock its parent directory, for which other processes would have to wait.
  if (isPrivate(directory)) return true;
  try {
    fs.mkdirSync(directory, 0o700);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  return isPrivate(directory);
}

/** Removes empty directories; skips those that are not empty or do not exist. */
export function removeEmpty(...directories: readonly string[]): void {
  for (const directory of directories) {
    try {
      fs.rmdirSync(directory);
    } catch {
      // The directory is still in use, or another process has removed it.
    }
  }
}
