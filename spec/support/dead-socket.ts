import { fork } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards } from './afterwards.js';
import { once } from './events.js';
import { built } from './project.js';

/** Creates a stale socket: starts a process that listens, and kills it. */
export async function leaveDeadSocket(path: string): Promise<void> {
  const racer = fork(join(built, 'spec/fixtures/racer.js'));
  afterwards(() => racer.kill('SIGKILL'));
  await once(racer, 'message');
  racer.send(path);
  await once(racer, 'message');
  const gone = once(racer, 'close');
  racer.kill('SIGKILL');
  await gone;
  if (!lstatSync(path).isSocket()) throw new Error(`${path} is not a socket`);
}
