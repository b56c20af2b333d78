// The channel over NATS, with its server in a separate process: /usr/sbin/nats-server, as Debian's package installs it.
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { channels } from './families/channel.js';

export const adapter = channels({
  name: 'omni-ipc channel over NATS',
  options: ({ port }) => ({ nats: { servers: `127.0.0.1:${port}` } }),
  async before({ path, port }) {
    const store = `${path}.nats`;
    const where = ['-a', '127.0.0.1', '-p', String(port), '-sd', store];
    const broker = spawn('nats-server', ['-js', ...where], { stdio: 'ignore' });
    await new Promise((resolve, reject) => {
      broker.once('spawn', resolve);
      broker.once('error', () => reject(new Error('nats-server is not installed')));
    });
    process.once('exit', () => broker.kill('SIGKILL'));
    await pause(300);
  },
});
