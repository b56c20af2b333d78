import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, lstatSync, openSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalAddress } from '../../entities/address.js';
import { codeOf, IPCError } from '../../entities/errors.js';
import { listenFailure } from './failure.js';
import { closed, listening } from './listener.js';
import type { DialOptions, ListenEvents, Listener, ListenOptions, Transport } from './transport.js';

const PIPE = '\\\\.\\pipe\\';

/** The longest path of a Unix socket in bytes: what fits in a `sockaddr_un` beside its closing NUL. */
const LONGEST_PATH = process.platform === 'linux' ? 107 : 103;

/**
 * The path that the platform wants: on Windows a pipe's name is made of a Unix path as node-ipc 9 makes it
 * (`/tmp/app.world` becomes `\\.\pipe\tmp-app.world`), anything that is a pipe's name already stays.
 */
export function platformPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32' || /^[\\/]{2}[.?][\\/]pipe[\\/]/i.test(path)) return path;
  return PIPE + path.replace(/^\//, '').replaceAll('/', '-');
}

/** Checked here, since the system says nothing useful or cuts the path off. */
function checkLength(path: string): void {
  if (process.platform === 'win32') return;
  const length = Buffer.byteLength(path);
  if (length <= LONGEST_PATH) return;
  throw new IPCError(
    'ERR_IPC_ADDRESS',
    `The socket path ${path} has ${length} bytes; this system allows ${LONGEST_PATH}. ` +
      'Choose a shorter config.socketRoot, config.appspace or id.',
  );
}

/** With `config.sameUser`: whoever owns the socket's file answers on it. */
function checkOwner(path: string): void {
  const owner = onDisk(path) ? statSync(path, { throwIfNoEntry: false })?.uid : undefined;
  if (owner === undefined || owner === process.getuid?.()) return;
  const message = `The socket ${path} belongs to user ${owner}, who is not this one (config.sameUser); it is not used.`;
  throw new IPCError('ERR_IPC_REFUSED', message);
}

function dial(address: LocalAddress, options: DialOptions): Socket {
  const path = platformPath(address.path);
  checkLength(path);
  if (options.sameUser) checkOwner(path);
  return connect({ path });
}

/** Whether a path is a file: neither a Windows pipe nor one of Linux's abstract sockets. */
function onDisk(path: string): boolean {
  return process.platform !== 'win32' && !path.startsWith('\0');
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
}

/** What is at a path; undefined where nothing is, and for a Windows pipe. */
export function identify(path: string): Identity | undefined {
  if (!onDisk(path)) return undefined;
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const file = `${stats.dev}:${stats.ino}`;
  const life = `${file}:${stats.ctimeNs}`;
  return { isSocket: stats.isSocket(), file, life, since: Number(stats.ctimeMs) };
}

/** Whether somebody listens on a socket: only a refused connection proves that nobody does. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    const settle = (alive: boolean) => {
      probe.destroy();
      resolve(alive);
    };
    probe.once('connect', () => settle(true));
    probe.once('error', (error) => settle(!['ECONNREFUSED', 'ENOENT'].includes(codeOf(error))));
  });
}

/** A socket is bound a moment before it listens; within that moment it looks dead. */
const NEWBORN_MS = 30;

function inUse(path: string, why: string): IPCError {
  return new IPCError('ERR_IPC_IN_USE', `Cannot listen on ${path}: ${why}.`);
}

/** The dead socket at a path; undefined where there is nothing any more. Throws where it is not dead, or no socket. */
async function examine(path: string): Promise<Identity | undefined> {
  const found = identify(path);
  if (found === undefined) return undefined;
  if (!found.isSocket)
    throw inUse(path, 'a file that is no socket is there; move it, or choose another path');
  const alive = 'a server listens there already; stop it, or choose another path or config.id';
  const age = Date.now() - found.since;
  if (await answers(path)) throw inUse(path, alive);
  if (age >= NEWBORN_MS) return found;
  await wait(NEWBORN_MS);
  if (await answers(path)) throw inUse(path, alive);
  return found;
}

/** A lock is held for a few system calls; one this old was left by a process that died within them. */
const STALE_LOCK_MS = 2000;

function lock(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Math.abs(Date.now() - since) > STALE_LOCK_MS) rmSync(path, { force: true });
  return false;
}

/**
 * Removes the socket at a path, if it is still the one meant, and goes on with `act`. Those who remove exclude each other by
 * a lock file, and everything under the lock is synchronous; so of many who mean the same socket, one removes it.
 * @returns what `act` returned, or undefined where it was not called.
 */
function remove<Result>(path: string, life: string, act: () => Result): Result | undefined {
  const lockFile = `${path}.lock`;
  if (!lock(lockFile)) return undefined;
  try {
    if (identify(path)?.life !== life) return undefined;
    unlinkSync(path);
    return act();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/**
 * Takes the path of a server away that lives but does not answer, if the socket there is still the one of that life; then
 * anybody may listen there. Its connections live on.
 * @returns whether this call removed it
 */
export function evict(path: string, life: string): boolean {
  return identify(path)?.life === life && remove(path, life, () => true) === true;
}

/** Whether a bind succeeded; false where something is at the path already. */
async function bound(bind: Promise<void>): Promise<boolean> {
  try {
    await bind;
    return true;
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Listens on a path, over a dead socket if need be. */
async function bind(server: Server, path: string, options: ListenOptions): Promise<void> {
  const { readableAll, writableAll, unlink, exclusive } = options;
  const open = () => listening(server, { path, readableAll, writableAll, exclusive });
  if (unlink === false || !onDisk(path)) return open();
  if (unlink === 'force' && identify(path)?.isSocket) rmSync(path, { force: true });
  while (!(await bound(open()))) {
    const dead = await examine(path);
    if (dead === undefined) continue;
    const reclaimed = remove(path, dead.life, open);
    if (reclaimed === undefined) await wait(5 + Math.random() * 20);
    else if (await bound(reclaimed)) return;
  }
}

/** Closing removes whatever is at the path, so a socket that somebody else has put there meanwhile is held aside. */
function closeSparing(server: Server, path: string, own: Identity | undefined): Promise<void> {
  const there = own && identify(path);
  if (there === undefined || there.file === own?.file) return closed(server);
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  linkSync(path, aside);
  const done = closed(server);
  renameSync(aside, path);
  return done;
}

async function listen(
  address: LocalAddress,
  options: ListenOptions,
  events: ListenEvents,
): Promise<Listener> {
  const path = platformPath(address.path);
  checkLength(path);
  const server = createServer((socket) => events.socket(socket));
  server.maxConnections = options.maxConnections;
  try {
    await bind(server, path, options);
  } catch (error) {
    throw listenFailure(error, address);
  }
  server.on('error', (error) => events.error(error));
  const own = identify(path);
  return { server, port: undefined, close: () => closeSparing(server, path, own) };
}

/** Unix sockets (Linux's abstract ones included) and Windows pipes. */
export const local: Transport<LocalAddress> = { ready: 'connect', dial, listen };
