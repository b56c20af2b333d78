import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../entities/errors.js';
import { fs, nodeCrypto } from '../lazy-modules.js';
import { isPrivate, makePrivate, ownDirectory, ownUser, removeEmpty } from './own-directory.js';

/** Releases a lock. */
export type Unlock = () => void;

/** How long to wait for a live holder, in milliseconds; after that it is considered stuck. */
const PATIENCE_MS = 5000;
const POLL_MS = 15;

/** The longest file name that is used unchanged, in bytes; file systems allow 255. */
const LONGEST_NAME = 150;

const nothing: Unlock = () => {};

/**
 * Waits until this process is the only process of this user that may bind or remove a path.
 *
 * The lock is a directory that contains one file, named after its holder. To acquire it, a process creates a directory with
 * its own file and renames it to the lock's name; the system allows that only if no directory with this name exists or if
 * it is empty. To break the lock of a dead holder, a process unlinks the holder's file; no other holder ever uses that
 * name. Both steps are atomic, so two processes never hold the lock at once. The lock is in a place where only this user
 * can write, so other users can neither hold nor break it.
 *
 * The lock only orders operations; it protects no secret. If no private directory can be created, or a live holder is stuck
 * for `patience` milliseconds, the caller continues without the lock.
 * @param patience in milliseconds
 * @param waiting called whenever another process holds the lock; a rejection ends the wait
 * @throws the system's error if the directory of `path` cannot be found; whatever `waiting` throws
 */
export async function lock(
  path: string,
  patience = PATIENCE_MS,
  waiting?: () => Promise<void>,
): Promise<Unlock> {
  if (ownUser() === undefined) return nothing;
  const name = nameFor(path);
  const deadline = performance.now() + patience;
  // A machine that is too busy to run the holder does not run this process often either.
  const least = patience / POLL_MS;
  for (let tries = 0; ; tries++) {
    const home = homeOf(path);
    if (home === undefined) return nothing;
    const unlock = tryLock(home, name);
    if (unlock !== undefined) return unlock;
    if (performance.now() > deadline && tries >= least) return nothing;
    await waiting?.();
    await wait(Math.random() * POLL_MS);
  }
}

/** Whether a live process, which may be this one, holds the lock of a path beside the path itself. */
export function isLocked(path: string): boolean {
  const home = ownDirectory(dirname(path));
  return ownUser() !== undefined && isPrivate(home) && isHeld(join(home, nameFor(path)));
}

/** @throws the system's error if the directory of `path` cannot be found */
function nameFor(path: string): string {
  const { dev, ino } = fs.statSync(dirname(path), { bigint: true });
  return shortened(`${dev.toString(36)}.${ino.toString(36)}.${basename(path)}`);
}

/** Shortens a name to what a file system allows. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return nodeCrypto().createHash('sha256').update(name).digest('base64url');
}

/** The first private directory that exists or can be created. Every process of the user finds the same one. */
function homeOf(path: string): string | undefined {
  const uid = ownUser();
  const places = [
    () => ownDirectory(dirname(path)),
    () => `/run/user/${uid}/omni-ipc`,
    () => join(userInfo().homedir, '.omni-ipc'),
  ];
  for (const place of places) {
    try {
      const directory = place();
      if (makePrivate(directory)) return directory;
    } catch {
      // The directory is not writable or missing, or the user has no name.
    }
  }
  return undefined;
}

/** Acquires the lock; undefined if another process holds it. */
function tryLock(home: string, name: string): Unlock | undefined {
  const place = join(home, name);
  if (isHeld(place)) return undefined;
  // The name is unique in this process, across its worker threads, too.
  const { start, namespace } = self();
  const holder = `${process.pid}.${start}.${namespace}.${Math.random().toString(36).slice(2)}`;
  const mine = join(home, `${holder}~`);
  try {
    fs.mkdirSync(mine, 0o700);
    fs.writeFileSync(join(mine, holder), '');
    fs.renameSync(mine, place);
  } catch {
    // Another process acquired the lock first, or has just removed the parent directory.
    fs.rmSync(mine, { recursive: true, force: true });
    // That process may have released the lock meanwhile, and left the directory because of what was in it.
    removeEmpty(home);
    return undefined;
  }
  return () => {
    fs.rmSync(join(place, holder), { force: true });
    removeEmpty(place, home);
  };
}

/** Whether a live process holds a lock. It removes the names of dead holders. */
function isHeld(place: string): boolean {
  let holders: string[];
  try {
    holders = fs.readdirSync(place);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  let held = false;
  for (const holder of holders) {
    const file = join(place, holder);
    if (isAlive(holder, file)) held = true;
    else fs.rmSync(file, { force: true });
  }
  return held;
}

/**
 * Whether the holder is running. A holder in another container cannot be observed, so it counts as running until the
 * timeout.
 */
function isAlive(holder: string, file: string): boolean {
  const [pid = '', start, namespace] = holder.split('.');
  const own = self();
  if (namespace !== own.namespace) {
    const since = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - since < PATIENCE_MS;
  }
  if (Number(pid) === process.pid) return start === own.start;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
  return start === startOf(Number(pid));
}

let known: { start: string; namespace: string } | undefined;

/** Identifies this process, as opposed to processes with the same id at another time or in another container. */
function self(): { start: string; namespace: string } {
  known ??= { start: startOf(process.pid), namespace: namespaceOf() };
  return known;
}

/** When a process started, in clock ticks since boot; empty if there is no /proc, or if the process is a zombie. */
function startOf(pid: number): string {
  try {
    // The command name is in parentheses and may contain spaces.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

/** The PID namespace of this process. Each Linux container has its own. */
function namespaceOf(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}
