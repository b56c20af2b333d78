import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';
import { lock } from './lock.js';
import { ownUser } from './own-directory.js';

const windows = process.platform === 'win32';

/** Whether a path names a file, as opposed to a Windows pipe or an abstract socket of Linux. */
export function onDisk(path: string): boolean {
  return !windows && !path.startsWith('\0');
}

/** Identifies a file, as opposed to another file that later gets its name or its inode number. */
export interface Identity {
  readonly isSocket: boolean;
  /**
   * The device and inode. As long as a process listens on the socket, no other file has the same, even if the socket is
   * renamed.
   */
  readonly file: string;
  /** Differs from `file` in that it also changes when the inode number is reused. */
  readonly life: string;
  /** When the file was created or moved, in milliseconds since 1970. */
  readonly since: number;
  /** The id of the user who owns it. */
  readonly owner: number;
}

/** Identifies the file at a path; undefined if there is none, or if the path does not name a file. */
export function identify(path: string): Identity | undefined {
  if (!onDisk(path)) return undefined;
  const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const file = `${stats.dev}:${stats.ino}`;
  const life = `${file}:${stats.ctimeNs}`;
  return {
    isSocket: stats.isSocket(),
    file,
    life,
    since: Number(stats.ctimeMs),
    owner: Number(stats.uid),
  };
}

/** Connects to find out who listens. Resolves with the error, or with undefined if the connection succeeds. */
function probe(path: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', resolve);
  });
}

/** Whether an error proves that no process listens. A busy or inaccessible listener causes other errors. */
function provesDeath(fault: Error | undefined): boolean {
  return ['ECONNREFUSED', 'ENOENT'].includes(codeOf(fault));
}

/** Whether a process listens on a socket, as far as that can be determined. */
export async function answers(path: string): Promise<boolean> {
  return !provesDeath(await probe(path));
}

function inUse(path: string, why: string, cause?: unknown): IPCError {
  const details = cause === undefined ? {} : { cause };
  return new IPCError('ERR_IPC_IN_USE', `Cannot listen on ${path}: ${why}.`, details);
}

const LISTENS = 'a server listens there already; stop it, or choose another path or config.id';

/**
 * A check for those who wait for the lock of a path: throws if a server has begun to listen there. Without it, the many
 * processes that start at the same time would take the lock in turns, only to learn that.
 */
export function liveCheck(path: string): () => Promise<void> {
  let checked: string | undefined;
  return async () => {
    const life = identify(path)?.life;
    if (life === undefined || life === checked) return;
    checked = life;
    if ((await probe(path)) === undefined) throw inUse(path, LISTENS);
  };
}

/** Throws unless it is certain that no process listens on a socket. */
async function checkDead(path: string): Promise<void> {
  const fault = await probe(path);
  if (provesDeath(fault)) return;
  if (fault === undefined) throw inUse(path, LISTENS);
  const why = `it is unknown whether a server listens there (${messageOf(fault)}); remove the file if none does`;
  throw inUse(path, why, fault);
}

/**
 * A server that does not use our lock creates its socket file shortly before it listens. Within this time the socket looks
 * dead.
 */
const NEWBORN_MS = 30;

/**
 * How many times in a row a socket must look dead. Only on Linux does a server with a full backlog cause another error than
 * a dead one.
 */
const LOOKS = process.platform === 'linux' ? 1 : 5;

/**
 * Repeats the check of a socket that looks dead.
 * @param look throws if the socket does not look dead
 * @param since when the socket was created, in milliseconds since 1970; a new one gets one check more
 */
export async function lookAgain(look: () => Promise<void>, since: number, looks = LOOKS): Promise<void> {
  await look();
  for (let left = Date.now() - since < NEWBORN_MS ? looks : looks - 1; left > 0; left--) {
    await wait(NEWBORN_MS);
    await look();
  }
}

/** Removes a socket. In a sticky directory only its owner may do so. */
function remove(path: string, owner: number): void {
  try {
    fs.unlinkSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return;
    if (code !== 'EPERM' && code !== 'EACCES') throw error;
    const whose = owner === ownUser() ? `in ${dirname(path)}` : `of user ${owner}`;
    throw inUse(
      path,
      `the socket ${whose} may not be removed by this user (${code}); have its owner remove it, or choose another path`,
      error,
    );
  }
}

/**
 * Removes the socket at a path so that a server can listen there: a dead socket, or with 'force' any. The caller must hold
 * the path's lock.
 * @throws IPCError ERR_IPC_IN_USE if the file must not be removed
 */
export async function makeWay(path: string, unlink: boolean | 'force'): Promise<void> {
  const found = identify(path);
  if (found === undefined) return;
  if (!found.isSocket)
    throw inUse(path, 'a file that is not a socket is there; move it, or choose another path');
  if (unlink === false)
    throw inUse(path, 'a socket is there, and config.unlink is false; remove it if no server listens on it');
  if (unlink === true) await lookAgain(() => checkDead(path), found.since);
  if (identify(path)?.life === found.life) remove(path, found.owner);
}

/**
 * Takes the path from a server that runs but does not respond, if its socket is still the file identified by `life`; after
 * that any server may listen there. Existing connections of the old server continue.
 * @returns whether this call removed the socket
 */
export async function evict(path: string, life: string): Promise<boolean> {
  const unlock = await lock(path);
  try {
    if (identify(path)?.life !== life) return false;
    fs.rmSync(path);
    return true;
  } finally {
    unlock();
  }
}
