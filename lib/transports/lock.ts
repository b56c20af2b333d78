import { createServer } from 'node:net';
import { basename, dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../entities/errors.js';
import { fs, nodeCrypto } from '../builtin.js';
import { listening } from './listener.js';

/** Gives a lock back. */
export type Unlock = () => void;

/** Who has a lock this long is stuck. */
const PATIENCE_MS = 5000;
const POLL_MS = 15;

/** Of the 107 bytes of an abstract socket's name, so many are left beside what all begin with. */
const LONGEST_NAME = 90;

const nothing: Unlock = () => {};

/**
 * Waits until this process alone may bind or clear a path. The system holds the lock and takes it back from a process
 * that dies, so it is never stale. It keeps order among those who mean well and guards no secret: where the system
 * allows none, or whoever has it is stuck for `patience` milliseconds, the caller goes on without it.
 */
export async function lock(path: string, patience = PATIENCE_MS): Promise<Unlock> {
  const deadline = performance.now() + patience;
  for (;;) {
    const unlock = await tryLock(path);
    if (unlock !== undefined) return unlock;
    if (performance.now() > deadline) return nothing;
    await wait(Math.random() * POLL_MS);
  }
}

/** The lock, or undefined while somebody else has it. */
function tryLock(path: string): Promise<Unlock | undefined> | Unlock | undefined {
  switch (process.platform) {
    case 'linux':
    case 'android':
      return lockName(path);
    case 'darwin':
    case 'freebsd':
    case 'openbsd':
    case 'netbsd':
      return lockFile(`${path}.lock`);
    default:
      return nothing;
  }
}

/** Linux: an abstract socket's name belongs to one process at a time, and is no file that could be left behind. */
async function lockName(path: string): Promise<Unlock | undefined> {
  const { dev, ino } = fs.statSync(dirname(path), { bigint: true });
  const id = shortened(`${dev}:${ino}:${basename(path)}`);
  const server = createServer((socket) => socket.destroy());
  try {
    await listening(server, { path: `\0omni-ipc.lock.${id}`, exclusive: true });
  } catch (error) {
    return codeOf(error) === 'EADDRINUSE' ? undefined : nothing;
  }
  return () => server.close();
}

/** A name that an abstract socket has room for. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= LONGEST_NAME) return name;
  return nodeCrypto().createHash('sha256').update(name).digest('base64url');
}

/** `open(2)` takes the lock of `flock(2)` with the file; Node has no name for it. */
const O_EXLOCK = 0x20;

/** macOS and the BSDs: a file that is locked while it is open. */
function lockFile(file: string): Unlock | undefined {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, fs.constants.O_CREAT | fs.constants.O_NONBLOCK | O_EXLOCK, 0o600);
  } catch (error) {
    return codeOf(error) === 'EAGAIN' ? undefined : nothing;
  }
  const unlock = () => {
    fs.rmSync(file, { force: true });
    fs.closeSync(descriptor);
  };
  // Whoever had it before may have removed the file between our opening and our locking.
  const there = fs.statSync(file, { throwIfNoEntry: false });
  if (there?.ino === fs.fstatSync(descriptor).ino) return unlock;
  fs.closeSync(descriptor);
  return undefined;
}
