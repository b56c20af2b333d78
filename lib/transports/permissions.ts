import { IPCError } from '../../entities/errors.js';
import { fs } from '../lazy-modules.js';
import type { ListenOptions } from './transport.js';

/** The settings for the permissions of a socket file. */
export type PermissionOptions = Pick<ListenOptions, 'mode' | 'group' | 'readableAll' | 'writableAll'>;

/** Whether the settings differ from the defaults, which are the process's umask and group. */
export function wantsPermissions({ mode, group, readableAll, writableAll }: PermissionOptions): boolean {
  return mode !== undefined || group !== undefined || readableAll || writableAll;
}

/** Parses a mode that is a number, or octal digits as chmod accepts them: '660', '0660' or '0o660'. */
function modeOf(mode: number | string): number {
  return typeof mode === 'number' ? mode : Number.parseInt(mode.replace(/^0o/, ''), 8);
}

/** The id of a group. Names are looked up in /etc/group. */
function groupOf(group: number | string): number {
  if (typeof group === 'number' || /^\d+$/.test(group)) return Number(group);
  const rows = fs.readFileSync('/etc/group', 'utf8').split('\n');
  const row = rows.map((line) => line.split(':')).find(([name]) => name === group);
  if (row !== undefined) return Number(row[2]);
  const message = `config.group is '${group}', which /etc/group does not list; give the name of a group there, or its number.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/**
 * Sets the permissions of a socket file.
 * @param path must be in a directory that no other user can enter, so that nobody can exchange the file
 * @throws IPCError ERR_IPC_CONFIG if this process is not permitted to set the group
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
