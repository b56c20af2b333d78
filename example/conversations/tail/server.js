import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ipc from 'omni-ipc';

ipc.config.id = 'world';
ipc.config.silent = true;

const directory = mkdtempSync(join(tmpdir(), 'tail-'));
const log = join(directory, 'log');
writeFileSync(log, 'line 1\nline 2\n');

/** The lines of a file, and those that are appended later. */
async function* tail(file, signal) {
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.alloc(65_536);
  let rest = '';
  const changes = watchChanges(file, signal);
  try {
    while (!signal.aborted) {
      const size = readSync(descriptor, buffer);
      if (size === 0) {
        await changes.next();
        continue;
      }
      const lines = (rest + buffer.toString('utf8', 0, size)).split('\n');
      rest = lines.pop();
      yield* lines;
    }
  } finally {
    closeSync(descriptor);
  }
}

async function* watchChanges(file, signal) {
  let changed = () => {};
  const watcher = watch(file, () => changed());
  signal.addEventListener('abort', () => {
    watcher.close();
    changed();
  });
  while (!signal.aborted) {
    await new Promise((resolve) => {
      changed = resolve;
      setTimeout(resolve, 100); // not every file system tells
    });
    yield;
  }
}

const server = ipc.serve();
server.on('start', () => console.log('world listens on', server.path));
server.handle('tail', (_name, _socket, { signal }) => tail(log, signal));
let lines = 2;
server.handle('append', () => appendFileSync(log, `line ${++lines}\n`));
server.on('socket.disconnected', async () => {
  await server.stop();
  rmSync(directory, { recursive: true });
});
server.start();
