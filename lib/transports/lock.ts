import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../entities/errors.js';
import { listening } from './listener.js';

/** Gives a lock back. */
export type Unlock = () => void;

/** Who has a lock this long is stuck. */
const PATIENCE_MS = 5000;
const POLL_MS = 15;

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
  const { dev, ino } = statSync(dirname(path), { bigint: true });
  const id = createHash('sha256')
    .update(`${dev}:${ino}:${basename(path)}`)
    .digest('base64url');
  const server = createServer((socket) => socket.destroy());
  try {
    await listening(server, { path: `\0omni-ipc.lock.${id}`, exclusive: true });
  } catch (error) {
    return codeOf(error) === 'EADDRINUSE' ? undefined : nothing;
  }
  return () => server.close();
}

/** `open(2)` takes the lock of `flock(2)` with the file; Node has no name for it. */
const O_EXLOCK = 0x20;

/** macOS and the BSDs: a file that is locked while it is open. */
function lockFile(file: string): Unlock | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK, 0o600);
  } catch (error) {
    return codeOf(error) === 'EAGAIN' ? undefined : nothing;
  }
  const unlock = () => {
    rmSync(file, { force: true });
    closeSync(descriptor);
  };
  // Whoever had it before may have removed the file between our opening and our locking.
  const there = statSync(file, { throwIfNoEntry: false });
  if (there?.ino === fstatSync(descriptor).ino) return unlock;
  closeSync(descriptor);
  return undefined;
}
