// Plays systemd's part, for machines without: listens by world.socket, and starts world.service with that socket.
import { spawn } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import ipc from 'omni-ipc';

const path = `${ipc.config.socketRoot}${ipc.config.appspace}world`;
const socket = createServer().listen(`${path}.new`, () => {
  renameSync(`${path}.new`, path);
  const service = new URL('service.js', import.meta.url).pathname;
  // The shell becomes the service, so its process id is the one that the socket is for.
  const shell = spawn('sh', ['-c', 'LISTEN_PID=$$ exec "$0" "$1"', process.execPath, service], {
    env: { ...process.env, LISTEN_FDS: '1' },
    stdio: ['ignore', 'inherit', 'inherit', socket._handle.fd],
  });
  socket.close(); // the service has it now
  shell.once('exit', (code) => {
    rmSync(path);
    process.exitCode = code ?? 1;
  });
});
