// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Whether there is a NATS server to start. */
export function hasNats() {
  return spawnSync('nats-server', ['--version']).status === 0;
}

/**
 * Starts a NATS server on a free port of the loopback.
 * @param {string} directory where it stores what it keeps
 * @returns {{ child: import('node:child_process').ChildProcess, url: Promise<string> }} its process, and its URL once it is ready
 */
export function startNats(directory) {
  const child = spawn('nats-server', ['-js', '-sd', directory, '-a', '127.0.0.1', '-p', '-1'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  /** @type {Promise<string>} */
  const url = new Promise((resolve, reject) => {
    let port = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      port = line.match(/Listening for client connections on 127\.0\.0\.1:(\d+)/)?.[1] ?? port;
      if (line.includes('Server is ready')) resolve(`nats://127.0.0.1:${port}`);
    });
    child.once('error', () => reject(new Error('There is no nats-server: apt-get install nats-server')));
    child.once('exit', (code) => reject(new Error(`nats-server ended with ${code}`)));
  });
  return { child, url };
}
