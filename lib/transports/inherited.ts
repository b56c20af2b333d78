import { IPCError } from '../../entities/errors.js';
import { brief } from '../../entities/suggest.js';
import { sharesSocket } from './bind-file.js';

/** A listening socket that this process inherited from the process that started it. */
export interface Inherited {
  /** Its file descriptor. */
  readonly fd?: number | undefined;
  /**
   * Uses a socket of systemd's socket activation: true for the first one, a string for the one with that
   * `FileDescriptorName`.
   */
  readonly systemd?: boolean | string | undefined;
}

/** The first descriptor that systemd passes, as documented in `sd_listen_fds(3)`. */
const FIRST = 3;

function argument(message: string): IPCError {
  return new IPCError('ERR_IPC_ARGUMENT', message);
}

function activation(message: string): IPCError {
  return new IPCError('ERR_IPC_ADDRESS', `Cannot take a socket from systemd: ${message}.`);
}

/**
 * Resolves the options to a file descriptor.
 * @throws IPCError ERR_IPC_ARGUMENT, or ERR_IPC_ADDRESS if systemd has passed no such socket to this process
 */
export function descriptorOf({ fd, systemd, ...rest }: Inherited, env = process.env): number {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw argument(`serve({ ${unknown} }) is not known; give a path, { fd: 3 } or { systemd: true }.`);
  if (fd !== undefined && systemd !== undefined)
    throw argument('serve takes either { fd } or { systemd }, not both.');
  if (fd === undefined && systemd === undefined)
    throw argument('serve({}) names no socket; give a path, { fd: 3 } or { systemd: true }.');
  if (fd === undefined) return activated(systemd, env);
  if (Number.isInteger(fd) && fd >= 0) return fd;
  throw argument(`serve({ fd: ${brief(fd)} }) needs the number of a descriptor, such as 3.`);
}

/**
 * Finds the descriptor by LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID. These variables apply only to the process with the id
 * in LISTEN_PID.
 */
function activated(systemd: boolean | string | undefined, env: NodeJS.ProcessEnv): number {
  if (systemd !== true && (typeof systemd !== 'string' || systemd === ''))
    throw argument('serve({ systemd }) needs true, or the FileDescriptorName of a socket unit.');
  const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = env;
  const count = Number(LISTEN_FDS);
  if (LISTEN_FDS === undefined || !(count > 0))
    throw activation(
      'LISTEN_FDS is not set, or is 0; start this program by a socket unit, or with systemd-socket-activate',
    );
  // In a cluster, the primary process inherits the socket and listens for its workers.
  const listener = sharesSocket({ exclusive: false }) ? process.ppid : process.pid;
  if (Number(LISTEN_PID) !== listener)
    throw activation(
      `its sockets are for process ${LISTEN_PID}, and this is ${listener}; start node itself, not a shell`,
    );
  if (systemd === true) return FIRST;
  const names = (LISTEN_FDNAMES ?? '').split(':');
  const index = names.indexOf(systemd);
  if (index >= 0 && index < count) return FIRST + index;
  throw activation(
    `it has none named '${systemd}' (LISTEN_FDNAMES is '${LISTEN_FDNAMES ?? ''}'); set FileDescriptorName`,
  );
}
