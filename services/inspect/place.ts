import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { fs, nodeCrypto } from '../../lib/lazy-modules.js';
import { answers, identify } from '../../lib/transports/socket-file.js';
import {
  type Surroundings,
  secureDirectory,
  surroundings,
  userDirectory,
} from '../../lib/transports/user-directory.js';

/**
 * The names of inspector sockets: the process id, the thread id, and a suffix that distinguishes processes in different
 * containers.
 */
const NAME = /^(\d+)\.(\d+)\.[\da-f]+$/;

/**
 * A path for this thread's socket, in the user's directory for all inspected processes.
 * @throws IPCError ERR_IPC_ADDRESS if others have access to that directory
 */
export function inspectorPath(here: Surroundings = surroundings()): string {
  const directory = join(userDirectory(here), 'inspect');
  const remedy = 'remove it, or set XDG_RUNTIME_DIR to a directory of this user alone';
  secureDirectory(userDirectory(here), here, 'The directory', remedy);
  secureDirectory(directory, here, 'The directory', remedy);
  const unique = nodeCrypto().randomBytes(4).toString('hex');
  return join(directory, `${process.pid}.${threadId}.${unique}`);
}

/** Removes sockets on which nobody listens, left behind by killed processes. */
export async function sweep(directory: string): Promise<void> {
  for (const name of fs.readdirSync(directory)) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (Number.isNaN(pid) || (pid !== process.pid && runs(pid))) continue;
    const path = join(directory, name);
    const before = identify(path);
    if (before?.isSocket !== true || (await answers(path))) continue;
    if (identify(path)?.life === before.life) fs.rmSync(path, { force: true });
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
