import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What the kernel lists about a listening Unix socket. */
export interface Listener {
  /** The inode number of the socket. */
  readonly inode: string;
  /** The number of connections to it. */
  readonly clients: number;
}

const ACCEPTS = 0x10000;
const CONNECTED = '03';

/** The listening Unix sockets by their paths; undefined if the system has no such table. */
export function listeners(table = '/proc/net/unix'): Map<string, Listener> | undefined {
  let text: string;
  try {
    text = readFileSync(table, 'utf8');
  } catch {
    return undefined;
  }
  const found = new Map<string, Listener>();
  const clients = new Map<string, number>();
  for (const line of text.split('\n').slice(1)) {
    const [, flags = '', state, inode = '', path] =
      line.match(/^\S+ \S+ \S+ (\S+) \S+ (\S+)\s+(\d+) (.+)$/) ?? [];
    if (path === undefined) continue;
    if ((Number.parseInt(flags, 16) & ACCEPTS) !== 0) found.set(path, { inode, clients: 0 });
    else if (state === CONNECTED) clients.set(path, (clients.get(path) ?? 0) + 1);
  }
  for (const [path, one] of found) found.set(path, { ...one, clients: clients.get(path) ?? 0 });
  return found;
}

/** A process that has a socket open. */
export interface Holder {
  readonly pid: number;
  readonly program: string;
}

/**
 * Finds the processes that have the given sockets open, by inode number, among the processes whose descriptors this user
 * may read.
 */
export function holders(wanted: ReadonlySet<string>): Map<string, Holder> {
  const found = new Map<string, Holder>();
  if (wanted.size === 0) return found;
  for (const pid of attempt(() => readdirSync('/proc'), []).filter((name) => /^\d+$/.test(name))) {
    for (const file of attempt(() => readdirSync(`/proc/${pid}/fd`), [])) {
      const link = attempt(() => readlinkSync(`/proc/${pid}/fd/${file}`), '');
      const [, inode = ''] = link.match(/^socket:\[(\d+)\]$/) ?? [];
      if (wanted.has(inode) && !found.has(inode))
        found.set(inode, { pid: Number(pid), program: programOf(pid) });
    }
  }
  return found;
}

/** The program of a process; for Node the script, with the last two parts of its path. */
function programOf(pid: string): string {
  const [command = '', ...args] = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), '').split('\0');
  const script = /(^|\/)(node|bun|deno)$/.test(command)
    ? args.find((one) => one !== '' && !one.startsWith('-'))
    : undefined;
  return (script ?? command).split('/').slice(-2).join('/');
}

function attempt<Value>(act: () => Value, otherwise: Value): Value {
  try {
    return act();
  } catch {
    return otherwise;
  }
}
