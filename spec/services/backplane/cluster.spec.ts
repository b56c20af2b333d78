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
    const back = moved.map((client) => once(client, 'disconnect'));
    process.kill(killed, 'SIGKILL');
    await Promise.all(back);
    const others = clients.filter((client) => !moved.includes(client));
    await know(others, 2);
    for (const client of moved) others.push(await comeBack(client, () => workers.get(client) !== killed));
    await know(others, 2);
    await heardByAll(others, 'after');
    for (const client of [...clients, ...others]) client.destroy();
    cluster.process.stdin.end();
    await cluster.exited;
  }, 20_000);
});

/**
 * The client, once another worker serves it, or one in its place: a primary that has handed a connection to a worker which
 * dies before it has taken it keeps the connection open, and nobody serves it.
 */
async function comeBack(client: Client, isBack: () => boolean): Promise<Client> {
  for (const until = Date.now() + 2000; Date.now() < until; await pause(5)) if (isBack()) return client;
  client.destroy();
  const next = freshIPC().connectTo('world', client.path);
  await once(next, 'pid');
  return next;
}

/** Waits until every worker knows so many others. */
async function know(clients: Client[], count: number): Promise<void> {
  for (const client of clients) while ((await client.request('servers')) !== count) await pause(5);
}

async function heardByAll(clients: Client[], text: string): Promise<void> {
  const heard = clients.map((client) => once(client, 'said'));
  clients[5]?.emit('say', text);
  expect(await Promise.all(heard)).toEqual(clients.map(() => [text]));
}
