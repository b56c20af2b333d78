import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../entities/errors.js';
import { fs, nodeCrypto } from '../lazy-modules.js';
import { makePrivate, ownDirectory, ownUser, removeEmpty } from './own-directory.js';

/** Gives a lock back. */
export type Unlock = () => void;

/** A holder that keeps the lock this long, in milliseconds, is stuck. */
const PATIENCE_MS = 5000;
const POLL_MS = 15;

/** Longest file name that is used as it is, in bytes; file systems allow 255. */
const LONGEST_NAME = 150;

const nothing: Unlock = () => {};

/**
 * Waits until this process alone, of all processes of this user, may bind or clear a path.
 *
 * The lock is a directory that holds one file, named after its holder. To take it, a process renames a directory with its
 * own file onto that name, which the system allows only while the directory there is missing or empty; to break the lock of a
 * dead holder, it unlinks that holder's file, whose name no other holder ever has. Both steps are atomic, so two processes
 * never hold it at once. It lies where only this user can write: other users can neither hold it nor break it.
 *
 * The lock keeps order; it guards no secret. Where no private directory can be made, or a live holder is stuck for
 * `patience` milliseconds, the caller goes on without it.
 * @throws the system's error if the directory of `path` cannot be found
 */
export async function lock(path: string, patience = PATIENCE_MS): Promise<Unlock> {
  if (ownUser() === undefined) return nothing;
  const { dev, ino } = fs.statSync(dirname(path), { bigint: true });
  const name = shortened(`${dev.toString(36)}.${ino.toString(36)}.${basename(path)}`);
  const deadline = performance.now() + patience;
  for (;;) {
    const home = homeOf(path);
    if (home === undefined) return nothing;
    const unlock = tryLock(home, name);
    if (unlock !== undefined) return unlock;
    if (performance.now() > deadline) return nothing;
    await wait(Math.random() * POLL_MS);
  }
}

/** A name that a directory has room for. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return nodeCrypto().createHash('sha256').update(name).digest('base64url');
}

/** The first private directory that can be had; every process of the user finds the same one. */
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
      // Not writable, missing, or a user without a name.
    }
  }
  return undefined;
}

/** Takes the lock; undefined while somebody else has it. */
function tryLock(home: string, name: string): Unlock | undefined {
  const place = join(home, name);
  if (isHeld(place)) return undefined;
  // Unlike any other of this process, worker threads included.
  const { start, namespace } = self();
  const holder = `${process.pid}.${start}.${namespace}.${Math.random().toString(36).slice(2)}`;
  const mine = join(home, `${holder}~`);
  try {
    fs.mkdirSync(mine, 0o700);
    fs.writeFileSync(join(mine, holder), '');
    fs.renameSync(mine, place);
  } catch {
    // Another process was faster, or has just removed the directory around it.
    fs.rmSync(mine, { recursive: true, force: true });
    return undefined;
  }
  return () => {
    fs.rmSync(join(place, holder), { force: true });
    removeEmpty(place, home);
  };
}

/** Whether a live process holds a lock; the names of dead holders are removed. */
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

/** Whether the holder still runs; one in another container cannot be seen from here, and is given its time. */
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

/** This process, told apart from others that get its number before or after it, or in another container. */
function self(): { start: string; namespace: string } {
  known ??= { start: startOf(process.pid), namespace: namespaceOf() };
  return known;
}

/** When a process started, in ticks since the system did; empty if there is no /proc, or the process is a zombie. */
function startOf(pid: number): string {
  try {
    // The command's name stands in parentheses and may hold spaces itself.
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

/** The numbering of processes that this one lives in: each Linux container has its own. */
function namespaceOf(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
  } catch {
    return '';
  }
}
