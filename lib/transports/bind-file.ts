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
import { type Identity, identify, makeWay } from './socket-file.js';
import { checkDirectoryOf, makeDirectoryOf } from './socket-root.js';
import type { ListenOptions } from './transport.js';

/** A server's socket in the file system. */
export interface Bound {
  /** The file at the server's path. */
  readonly file: Identity;
  /** The name that the system knows it by: the path itself, or one in a private directory. */
  readonly name: string;
}

/** Whether this process is a worker of `node:cluster` that has its primary process listen for all of them. */
export function sharesSocket({ exclusive }: Pick<ListenOptions, 'exclusive'>): boolean {
  return !exclusive && process.channel !== undefined && (nodeCluster() as unknown as Cluster).isWorker;
}

/** Does what gives a socket its path; where something is in the way that may be removed, does so and tries again. */
async function claim(path: string, unlink: boolean | 'force', take: () => unknown): Promise<void> {
  try {
    await take();
  } catch (error) {
    if (!['EADDRINUSE', 'EEXIST'].includes(codeOf(error))) throw error;
    await makeWay(path, unlink);
    await take();
  }
}

/** Gives a file a second name, which must be free. Some file systems know no second names; there the file is moved. */
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

/** Listens on a file; where its path is too long for a socket, by way of a short link to its directory. */
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

/** Listens in a directory that only this user can enter, and shows the socket at its path when its permissions are set. */
async function bindPrivately(listen: Listen, path: string, options: ListenOptions): Promise<string> {
  const directory = fs.mkdtempSync(`${dirname(path)}/.`);
  // Closing unlinks this name, so it must be one that nobody else's file has.
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

/** The names in a private directory under which this cluster's primary process has listened for a path. */
function sharedNames(directory: string, prefix: string): string[] {
  return fs
    .readdirSync(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(directory, name));
}

/**
 * Listens through the primary process of a cluster, which knows a socket by the name that workers ask for. That is one in a
 * private directory: all workers find the one that the path shows just now and share it, and where the path shows none of
 * them (it is new, left by a dead process, or was deleted) the next worker starts another.
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

/**
 * Listens on a path in the file system, over a dead socket if need be. Permissions are set before the socket can be reached,
 * and never through its path, where another user might have put another file meanwhile.
 * @throws IPCError ERR_IPC_IN_USE, ERR_IPC_ADDRESS, ERR_IPC_CONFIG, or the system's error
 */
export async function bindFile(server: Server, path: string, options: ListenOptions): Promise<Bound> {
  const { unlink, exclusive, listenOptions } = options;
  const listen: Listen = (name) => listening(server, { ...listenOptions, path: name, exclusive });
  makeDirectoryOf(path);
  checkDirectoryOf(path, options);
  // One process at a time looks and acts, so that nobody removes what another has just put there.
  const unlock = await lock(path);
  try {
    let name = path;
    if (sharesSocket(options)) name = await bindShared(listen, path, options);
    else if (wantsPermissions(options)) name = await bindPrivately(listen, path, options);
    else await claim(path, unlink, () => listen(path));
    const file = identify(path);
    if (file !== undefined) return { file, name };
    throw Object.assign(new Error(`${path} was deleted at once`), { code: 'ENOENT' });
  } catch (error) {
    if (server.listening) server.close();
    throw error;
  } finally {
    unlock();
    removeEmpty(ownDirectory(dirname(path)));
  }
}
