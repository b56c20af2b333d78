import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { userDirectories } from '../inspect/directories.js';
import { holders, listeners } from './kernel.js';

/** One server or channel that can be seen. */
export interface Entry {
  readonly kind: 'server' | 'channel';
  readonly address: string;
  /** What its clients may speak, where its process is inspected. */
  readonly dialect?: string;
  readonly owner: string;
  /** `unknown` where this user may not connect. */
  readonly state: 'alive' | 'stale' | 'unknown';
  /** How many are connected; undefined if the system does not tell. */
  readonly clients?: number;
  readonly pid?: number;
  readonly program?: string;
}

export interface Search {
  readonly socketRoot: string;
  readonly appspace: string;
  /** Sockets of every name. */
  readonly all: boolean;
}

/**
 * The sockets of servers below the socket root, and of channels in this user's directory. A socket that the kernel lists needs
 * no question; whether another one is alive is asked by connecting to it.
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

/** Connects for a moment to see whether somebody listens. */
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

/** The users of this machine by their numbers. */
function names(): Map<number, string> {
  const users = new Map<number, string>();
  try {
    for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
      const [name, , uid] = line.split(':');
      if (name && uid) users.set(Number(uid), name);
    }
  } catch {
    // No such file: numbers have to do.
  }
  return users;
}
