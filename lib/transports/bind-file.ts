import type { Cluster } from 'node:cluster';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { codeOf, IPCError } from '../../entities/errors.js';
import { fs, nodeCluster, nodeCrypto } from '../lazy-modules.js';
import { listening } from './listener.js';
import { lock } from './lock.js';
import { makePrivate, ownDirectory, removeEmpty } from './own-directory.js';
import { permit, wantsPermissions } from './permissions.js';
import { LONGEST_PATH } from './platform-path.js';
import { type Identity, identify, liveCheck, makeWay } from './socket-file.js';
import { checkDirectoryOf, makeDirectoryOf } from './socket-root.js';
import type { ListenOptions } from './transport.js';

/** A server's socket in the file system. */
export interface Bound {
  /** The identity of the file at the server's path. */
  readonly file: Identity;
  /** The path that the socket was bound to: `path` itself, or one in a private directory. */
  readonly name: string;
}

/** Whether this process is a `node:cluster` worker whose primary process listens for all workers. */
export function sharesSocket({ exclusive }: Pick<ListenOptions, 'exclusive'>): boolean {
  return !exclusive && process.channel !== undefined && (nodeCluster() as unknown as Cluster).isWorker;
}

/**
 * Runs `take`, which creates the file at a path. If the path is occupied by a file that may be removed, removes it and
 * tries again.
 */
async function claim(path: string, unlink: boolean | 'force', take: () => unknown): Promise<void> {
  try {
    await take();
  } catch (error) {
    if (!['EADDRINUSE', 'EEXIST'].includes(codeOf(error))) throw error;
    await makeWay(path, unlink);
    await take();
  }
}

/** Adds a second name to a file; the name must be free. On file systems without hard links, the file is renamed instead. */
export function publish(file: string, path: string): void {
  try {
    fs.linkSync(file, path);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) throw error;
    if (identify(path) !== undefined) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    fs.renameSync(file, path);
  }
}

type Listen = (path: string) => Promise<void>;

/** Listens on a socket file. If its path is too long for a socket address, uses a short symbolic link to its directory. */
async function listenAt(file: string, listen: Listen): Promise<void> {
  if (Buffer.byteLength(file) <= LONGEST_PATH) return listen(file);
  const shortcut = fs.mkdtempSync(`${tmpdir()}/.`);
  const link = join(shortcut, 'd');
  fs.symlinkSync(dirname(file), link);
  try {
    await listen(join(link, basename(file)));
  } finally {
    fs.unlinkSync(link);
    fs.rmdirSync(shortcut);
  }
}

/** Binds the socket in a directory that only this user can enter, sets its permissions, and then links it to its path. */
async function bindPrivately(listen: Listen, path: string, options: ListenOptions): Promise<string> {
  const directory = fs.mkdtempSync(`${dirname(path)}/.`);
  // Closing the server unlinks this name, so no other process's file may ever have it.
  const file = join(directory, basename(directory).slice(1));
  try {
    await listenAt(file, listen);
    permit(file, options);
    await claim(path, options.unlink, () => publish(file, path));
    return file;
  } finally {
    fs.rmSync(file, { force: true });
    fs.rmdirSync(directory);
  }
}

/** The names in a private directory on which this cluster's primary process has listened for a path. */
function sharedNames(directory: string, prefix: string): string[] {
  return fs
    .readdirSync(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(directory, name));
}

/**
 * Listens through the primary process of a cluster, which identifies a socket by the name that workers request. That name
 * is in a private directory. All workers request, and thus share, the one that the path currently links to. If the path
 * links to none of them (because it is new, belongs to a dead process, or was deleted), the next worker requests a new
 * name.
 */
async function bindShared(listen: Listen, path: string, options: ListenOptions): Promise<string> {
  const directory = ownDirectory(dirname(path));
  if (!makePrivate(directory)) {
    const message = `Cannot listen on ${path}: ${directory}, which this cluster needs, is not this user's own; remove it, or choose another config.socketRoot.`;
    throw new IPCError('ERR_IPC_ADDRESS', message);
  }
  const id = nodeCrypto().createHash('sha256').update(basename(path)).digest('hex').slice(0, 6);
  const prefix = `${id}.${process.ppid}.`;
  const shown = identify(path)?.file;
  const names = sharedNames(directory, prefix);
  const current = shown === undefined ? undefined : names.find((name) => identify(name)?.file === shown);
  const name = current ?? join(directory, prefix + nodeCrypto().randomBytes(2).toString('hex'));
  const excess = Buffer.byteLength(name) - LONGEST_PATH;
  if (excess > 0) {
    const message = `Cannot listen on ${path}: in a cluster its directory must be ${excess} bytes shorter; choose a shorter config.socketRoot, or set config.exclusive.`;
    throw new IPCError('ERR_IPC_ADDRESS', message);
  }
  await listen(name);
  if (current !== undefined) return name;
  permit(name, options);
  await claim(path, options.unlink === 'force' ? 'force' : true, () => publish(name, path));
  for (const old of names) fs.rmSync(old, { force: true });
  return name;
}

/** Whether a server may listen on a path on which another one listens already. */
function mayReplace(options: ListenOptions): boolean {
  return options.unlink === 'force' || sharesSocket(options);
}

/**
 * Listens on a path in the file system, and replaces the socket of a dead server. The permissions are set before anybody
 * can connect, and never by way of the path, where another user might have placed another file in the meantime.
 * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, or the system's error
 */
export async function bindFile(server: Server, path: string, options: ListenOptions): Promise<Bound> {
  const { unlink, exclusive, listenOptions } = options;
  const listen: Listen = (name) => listening(server, { ...listenOptions, path: name, exclusive });
  makeDirectoryOf(path);
  checkDirectoryOf(path, options);
  // The lock makes checking and binding atomic, so that no process removes a socket that another has just bound.
  const unlock = await lock(path, undefined, mayReplace(options) ? undefined : liveCheck(path));
  try {
    let name = path;
    if (sharesSocket(options)) name = await bindShared(listen, path, options);
    else if (wantsPermissions(options)) name = await bindPrivately(listen, path, options);
    else await claim(path, unlink, () => listen(path));
    const file = identify(path);
    if (file !== undefined) return { file, name };
    throw Object.assign(new Error(`${path} was deleted right after it was created`), { code: 'ENOENT' });
  } catch (error) {
    if (server.listening) server.close();
    throw error;
  } finally {
    unlock();
    removeEmpty(ownDirectory(dirname(path)));
  }
}
