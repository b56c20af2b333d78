import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../../../lib/client.js';
import { freshBackplane } from '../../support/backplanes.js';
import { once } from '../../support/events.js';
import { freshIPC } from '../../support/instances.js';
import { freshPath } from '../../support/places.js';
import { start } from '../../support/processes.js';

describe('A cluster of four workers with a backplane', () => {
  it('broadcasts to all of its twelve clients, also when a worker was killed', async () => {
    if (process.platform === 'win32') pending('Workers share no pipe on Windows');
    const path = freshPath();
    const settings = JSON.stringify({ id: 'world', backplane: freshBackplane() });
    const cluster = start('spec/fixtures/cluster.ts', [path, '4', settings]);
    for (let i = 0; i < 4; i++) await cluster.waitForLine(/^started \d+/);
    const clients: Client[] = [];
    const workers = new Map<Client, number>();
    for (let i = 0; i < 12; i++) {
      const client = freshIPC().connectTo('world', path);
      clients.push(client.on('pid', (pid) => workers.set(client, pid)));
      await once(client, 'pid');
    }
    expect(new Set(workers.values()).size).toBe(4);
    await know(clients, 3);
    await heardByAll(clients, 'before');
    const killed = workers.get(clients[0] as Client) as number;
    const moved = clients.filter((client) => workers.get(client) === killed);
    const back = moved.map((client) => once(client, 'pid'));
    process.kill(killed, 'SIGKILL');
    await Promise.all(back);
    expect([...workers.values()]).not.toContain(killed);
    await know(clients, 2);
    await heardByAll(clients, 'after');
    for (const client of clients) client.destroy();
    cluster.process.stdin.end();
    await cluster.exited;
  }, 20_000);
});

/** Waits until every worker knows so many others. */
async function know(clients: Client[], count: number): Promise<void> {
  for (const client of clients) while ((await client.request('servers')) !== count) await pause(5);
}

async function heardByAll(clients: Client[], text: string): Promise<void> {
  const heard = clients.map((client) => once(client, 'said'));
  clients[5]?.emit('say', text);
  expect(await Promise.all(heard)).toEqual(clients.map(() => [text]));
}
