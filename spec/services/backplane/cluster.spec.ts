import type { Client } from '../../../lib/client.js';
import { freshBackplane } from '../../support/backplanes.js';
import { once } from '../../support/events.js';
import { freshIPC } from '../../support/instances.js';
import { freshPath } from '../../support/places.js';
import { start } from '../../support/processes.js';

/** What a worker tells its clients: who it is, and how many other servers it knows. */
interface Worker {
  readonly pid: number;
  readonly others: number;
}

describe('A cluster of four workers with a backplane', () => {
  it('broadcasts to all of its twelve clients, also when two workers have died', async () => {
    if (process.platform === 'win32') pending('Workers share no pipe on Windows');
    const path = freshPath();
    const settings = JSON.stringify({ id: 'world', backplane: freshBackplane() });
    const cluster = start('spec/fixtures/cluster.ts', [path, '4', settings]);
    for (let i = 0; i < 4; i++) await cluster.waitForLine(/^started \d+/);
    const workers = new Map<Client, Worker>();
    for (let i = 0; i < 12; i++) {
      const client = freshIPC({ handshakeTimeout: 300 }).connectTo('world', path);
      client.on('worker', (worker) => workers.set(client, worker));
      await once(client, 'worker');
      await client.request('ready');
    }
    const clients = [...workers.keys()];
    const pids = [...new Set([...workers.values()].map(({ pid }) => pid))];
    expect(pids.length).toBe(4);
    await served(clients, workers, ({ others }) => others === 3);
    await heardByAll(clients, 'before');
    // Node's primary hands one of the killed worker's clients to the stopped one, and keeps that connection open for ever.
    const [stopped, killed] = pids as [number, number];
    const moved = clients.filter((client) => workers.get(client)?.pid === killed);
    const [first, second] = moved.map((client) => once(client, 'worker'));
    process.kill(stopped, 'SIGSTOP');
    process.kill(killed, 'SIGKILL');
    await Promise.any([first, second]);
    process.kill(stopped, 'SIGKILL');
    await served(clients, workers, ({ pid, others }) => pid !== killed && pid !== stopped && others === 1);
    await heardByAll(clients, 'after');
    for (const client of clients) client.destroy();
    cluster.process.stdin.end();
    await cluster.exited;
  });
});

/** Waits until the worker of each client is one that is wanted. */
async function served(
  clients: Client[],
  workers: Map<Client, Worker>,
  isWanted: (worker: Worker) => boolean,
): Promise<void> {
  for (const client of clients) while (!isWanted(workers.get(client) as Worker)) await once(client, 'worker');
}

async function heardByAll(clients: Client[], text: string): Promise<void> {
  const heard = clients.map((client) => once(client, 'said'));
  clients[5]?.emit('say', text);
  expect(await Promise.all(heard)).toEqual(clients.map(() => [text]));
}
