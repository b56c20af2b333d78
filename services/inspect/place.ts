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

/** What the names of inspectors' sockets look like: the process, its thread, and what tells apart those of other containers. */
const NAME = /^(\d+)\.(\d+)\.[\da-f]+$/;

/**
 * A path for this thread's socket, in the directory of the user where all inspected processes have theirs.
 * @throws IPCError ERR_IPC_ADDRESS where others could reach that directory
 */
export function inspectorPath(here: Surroundings = surroundings()): string {
  const directory = join(userDirectory(here), 'inspect');
  const remedy = 'remove it, or set XDG_RUNTIME_DIR to a directory of this user alone';
  secureDirectory(userDirectory(here), here, 'The directory', remedy);
  secureDirectory(directory, here, 'The directory', remedy);
  const unique = nodeCrypto().randomBytes(4).toString('hex');
  return join(directory, `${process.pid}.${threadId}.${unique}`);
}

/** Removes the sockets that processes left behind when they were killed, and that nobody listens on. */
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
