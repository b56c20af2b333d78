import { IPCError } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';
import type { ListenOptions } from './transport.js';

/** Who may use a socket's file. */
export type PermissionOptions = Pick<ListenOptions, 'mode' | 'group' | 'readableAll' | 'writableAll'>;

/** Whether anything but the process's umask and group is asked for. */
export function wantsPermissions({ mode, group, readableAll, writableAll }: PermissionOptions): boolean {
  return mode !== undefined || group !== undefined || readableAll || writableAll;
}

/** A mode given as a number, or as the octal digits that chmod takes: '660', '0660' or '0o660'. */
function modeOf(mode: number | string): number {
  return typeof mode === 'number' ? mode : Number.parseInt(mode.replace(/^0o/, ''), 8);
}

/** The number of a group; names are looked up in /etc/group. */
function groupOf(group: number | string): number {
  if (typeof group === 'number' || /^\d+$/.test(group)) return Number(group);
  const rows = fs.readFileSync('/etc/group', 'utf8').split('\n');
  const row = rows.map((line) => line.split(':')).find(([name]) => name === group);
  if (row !== undefined) return Number(row[2]);
  const message = `config.group is '${group}', which /etc/group does not list; give the name of a group there, or its number.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/**
 * Gives a socket's file the permissions of the config.
 * @param path in a directory that nobody else can enter, so that nobody can swap the file
 * @throws IPCError ERR_IPC_CONFIG for a group that this process may not give
 */
export function permit(path: string, options: PermissionOptions): void {
  const { mode, group, readableAll, writableAll } = options;
  if (group !== undefined) {
    try {
      fs.chownSync(path, -1, groupOf(group));
    } catch (cause) {
      if (cause instanceof IPCError) throw cause;
      const message = `config.group is '${group}', which this process may not give a file; run it as a member of that group.`;
      throw new IPCError('ERR_IPC_CONFIG', message, { cause });
    }
  }
  const base = mode === undefined ? fs.statSync(path).mode & 0o777 : modeOf(mode);
  fs.chmodSync(path, base | (readableAll ? 0o444 : 0) | (writableAll ? 0o222 : 0));
}
