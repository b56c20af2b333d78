import { connect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';
import { lock } from './lock.js';
import { ownUser } from './own-directory.js';

const windows = process.platform === 'win32';

/** Whether a path is a file: neither a Windows pipe nor one of Linux's abstract sockets. */
export function onDisk(path: string): boolean {
  return !windows && !path.startsWith('\0');
}

/** One file, told apart from another that later takes its name, or even its inode. */
export interface Identity {
  readonly isSocket: boolean;
  /** Nobody else's as long as a process listens on the socket, wherever its name is. */
  readonly file: string;
  /** Also changes with the inode's reuse. */
  readonly life: string;
  /** When it was made, or moved (milliseconds since 1970). */
  readonly since: number;
  /** The user that owns it. */
  readonly owner: number;
}

/** What is at a path; undefined if nothing is, and for what is not a file. */
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

/** Connects to see who is there; settles with the error, or undefined where somebody listens. */
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

/** Whether an error proves that nobody listens: a listener that is busy, or not ours to use, fails otherwise. */
function provesDeath(fault: Error | undefined): boolean {
  return ['ECONNREFUSED', 'ENOENT'].includes(codeOf(fault));
}

/** Whether somebody listens on a socket, as far as that can be told. */
export async function answers(path: string): Promise<boolean> {
  return !provesDeath(await probe(path));
}

function inUse(path: string, why: string, cause?: unknown): IPCError {
  const details = cause === undefined ? {} : { cause };
  return new IPCError('ERR_IPC_IN_USE', `Cannot listen on ${path}: ${why}.`, details);
}

/** Throws unless it is certain that nobody listens on a socket. */
async function checkDead(path: string): Promise<void> {
  const fault = await probe(path);
  if (provesDeath(fault)) return;
  if (fault === undefined)
    throw inUse(path, 'a server listens there already; stop it, or choose another path or config.id');
  const why = `whether a server listens there cannot be told (${messageOf(fault)}); remove the file if none does`;
  throw inUse(path, why, fault);
}

/** A server that does not know our lock shows its socket a moment before it listens, and looks dead meanwhile. */
const NEWBORN_MS = 30;

/** How often a socket must look dead: only Linux tells a server with a full backlog, whose clients are too many, from a dead one. */
const LOOKS = process.platform === 'linux' ? 1 : 5;

/**
 * Looks again and again at a socket that looks dead.
 * @param look throws if it does not look dead
 * @param since when it was made (milliseconds since 1970): one look more is for one that is new
 */
export async function lookAgain(look: () => Promise<void>, since: number, looks = LOOKS): Promise<void> {
  await look();
  for (let left = Date.now() - since < NEWBORN_MS ? looks : looks - 1; left > 0; left--) {
    await wait(NEWBORN_MS);
    await look();
  }
}

/** Removes a socket, which in a directory for all only its owner may. */
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
 * Removes the socket at a path so that it can be listened on: a dead one, or with 'force' any. Needs the path's lock.
 * @throws IPCError ERR_IPC_IN_USE if what is there has to stay
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
 * Takes the path of a server away that lives but does not answer, if the socket there is still the one of that life; then
 * anybody may listen there. Its connections live on.
 * @returns whether this call removed it
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
