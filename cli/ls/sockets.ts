import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { userDirectories } from '../inspect/directories.js';
import { holders, listeners } from './kernel.js';

/** One server or channel that was found. */
export interface Entry {
  readonly kind: 'server' | 'channel';
  readonly address: string;
  /** The dialects that its clients may use, if the process is inspected. */
  readonly dialect?: string;
  readonly owner: string;
  /** `unknown` if this user has no permission to connect. */
  readonly state: 'alive' | 'stale' | 'unknown';
  /** The number of clients; undefined if the system does not tell. */
  readonly clients?: number;
  readonly pid?: number;
  readonly program?: string;
}

export interface Search {
  readonly socketRoot: string;
  readonly appspace: string;
  /** Whether to list sockets of any name. */
  readonly all: boolean;
}

/**
 * Finds the sockets of servers below the socket root, and of channels in this user's directory. A socket in the kernel's
 * list is alive; any other is tested by connecting to it.
 */
export async function findSockets({ socketRoot, appspace, all }: Search): Promise<Entry[]> {
  const servers = socketsIn(socketRoot).filter((name) => all || name.startsWith(appspace));
  const paths = servers.map((name) => ({ kind: 'server' as const, path: join(socketRoot, name) }));
  const channels = userDirectories().flatMap((folder) =>
    socketsIn(folder).map((name) => ({ kind: 'channel' as const, path: join(folder, name) })),
  );
  const table = listeners();
  const inodes = [...paths, ...channels].map(({ path }) => table?.get(path)?.inode ?? '');
  const processes = holders(new Set(inodes.filter((inode) => inode !== '')));
  const users = names();
  const found = [...paths, ...channels].map(async ({ kind, path }): Promise<Entry> => {
    const uid = lstatSync(path, { throwIfNoEntry: false })?.uid;
    const listener = table?.get(path);
    const state = listener === undefined ? await asked(path) : 'alive';
    const holder = processes.get(listener?.inode ?? '');
    return {
      kind,
      address: `unix:${path}`,
      owner: uid === undefined ? '' : (users.get(uid) ?? String(uid)),
      state,
      ...(listener === undefined ? {} : { clients: listener.clients }),
      ...holder,
    };
  });
  return Promise.all(found);
}

function socketsIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isSocket())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

/** Connects briefly to find out whether a server listens. */
function asked(path: string): Promise<Entry['state']> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.setTimeout(1000, () => {
      socket.destroy();
      resolve('unknown');
    });
    socket.on('connect', () => {
      socket.destroy();
      resolve('alive');
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code === 'ECONNREFUSED' || code === 'ENOENT' ? 'stale' : 'unknown');
    });
  });
}

/** The names of the machine's users by their ids. */
function names(): Map<number, string> {
  const users = new Map<number, string>();
  try {
    for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
      const [name, , uid] = line.split(':');
      if (name && uid) users.set(Number(uid), name);
    }
  } catch {
    // There is no such file; the ids are shown instead.
  }
  return users;
}
