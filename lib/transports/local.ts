import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LocalAddress } from '../../entities/address.js';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { fs, nodeCrypto } from '../builtin.js';
import { listenFailure } from './failure.js';
import { closed, limit, listening } from './listener.js';
import { lock } from './lock.js';
import type { DialOptions, ListenEvents, Listener, ListenOptions, Transport } from './transport.js';

const windows = process.platform === 'win32';
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
  if (windows) return;
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
  const owner = onDisk(path) ? fs.statSync(path, { throwIfNoEntry: false })?.uid : undefined;
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
  return !windows && !path.startsWith('\0');
}

/** Checked here, since the system says that permission is denied. */
function checkDirectory(path: string): void {
  const directory = dirname(path);
  const there = fs.statSync(directory, { throwIfNoEntry: false });
  if (there?.isDirectory()) return;
  const what = there === undefined ? 'does not exist' : 'is no directory';
  const message = `Cannot listen on ${path}: ${directory} ${what}; create it, or choose another config.socketRoot.`;
  throw new IPCError('ERR_IPC_ADDRESS', message);
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

/** What is at a path; undefined where nothing is, and for what is no file. */
export function identify(path: string): Identity | undefined {
  if (!onDisk(path)) return undefined;
  const stats = fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  const file = `${stats.dev}:${stats.ino}`;
  const life = `${file}:${stats.ctimeNs}`;
  return { isSocket: stats.isSocket(), file, life, since: Number(stats.ctimeMs) };
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

/** Removes the dead socket at a path. Throws where it is not dead, or no socket. */
async function removeDead(path: string): Promise<void> {
  const found = identify(path);
  if (found === undefined) return;
  if (!found.isSocket)
    throw inUse(path, 'a file that is no socket is there; move it, or choose another path');
  const age = Date.now() - found.since;
  await checkDead(path);
  if (age < NEWBORN_MS) {
    await wait(NEWBORN_MS);
    await checkDead(path);
  }
  if (identify(path)?.life === found.life) fs.rmSync(path, { force: true });
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

/** Permits more than the umask did: Node's own way takes what it did permit away, from version 22 on. */
function permit(path: string, { readableAll, writableAll }: ListenOptions): void {
  const more = (readableAll ? 0o444 : 0) | (writableAll ? 0o222 : 0);
  if (more !== 0) fs.chmodSync(path, fs.statSync(path).mode | more);
}

/** Listens on a path in the file system, over a dead socket if need be; returns what it made there. */
async function bindFile(server: Server, path: string, options: ListenOptions): Promise<Identity | undefined> {
  const { unlink, exclusive, listenOptions } = options;
  const open = () => listening(server, { ...listenOptions, path, exclusive });
  checkDirectory(path);
  // One process at a time looks and acts, so that nobody removes what another has just put there.
  const unlock = unlink === false ? undefined : await lock(path);
  try {
    if (unlink === 'force' && identify(path)?.isSocket) fs.rmSync(path, { force: true });
    try {
      await open();
    } catch (error) {
      if (unlink === false || codeOf(error) !== 'EADDRINUSE') throw error;
      await removeDead(path);
      await open();
    }
    permit(path, options);
    return identify(path);
  } finally {
    unlock?.();
  }
}

/** Listens on what is no file; whoever listens there already excludes others. */
async function bindName(server: Server, path: string, options: ListenOptions): Promise<undefined> {
  const { readableAll, writableAll, exclusive, listenOptions } = options;
  const permissions = windows ? { readableAll, writableAll } : {};
  await listening(server, { ...listenOptions, ...permissions, path, exclusive });
}

/** Moves a socket that somebody else has put at a path aside; says where to, if there was one. */
function moveAside(path: string, own: Identity | undefined): string | undefined {
  try {
    const there = own && identify(path);
    if (there === undefined || there.file === own?.file) return undefined;
    const aside = `${path}.${nodeCrypto().randomBytes(4).toString('hex')}`;
    fs.renameSync(path, aside);
    return aside;
  } catch {
    // What may not be seen or moved may not be removed either.
    return undefined;
  }
}

/** Closing removes whatever is at the path. */
function closeSparing(server: Server, path: string, own: Identity | undefined): Promise<void> {
  const aside = moveAside(path, own);
  const done = closed(server);
  if (aside !== undefined) fs.renameSync(aside, path);
  return done;
}

async function listen(
  address: LocalAddress,
  options: ListenOptions,
  events: ListenEvents,
): Promise<Listener> {
  const path = platformPath(address.path);
  checkLength(path);
  const server = createServer({ ...options.serverOptions }, (socket) => events.socket(socket));
  limit(server, options.maxConnections);
  let own: Identity | undefined;
  try {
    own = await (onDisk(path) ? bindFile : bindName)(server, path, options);
  } catch (error) {
    throw listenFailure(error, address);
  }
  server.on('error', (error) => events.error(error));
  return { server, port: undefined, close: () => closeSparing(server, path, own) };
}

/** Unix sockets (Linux's abstract ones included) and Windows pipes. */
export const local: Transport<LocalAddress> = { ready: 'connect', dial, listen };
