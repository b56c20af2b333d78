import type { BackplaneOptions } from '../../../entities/config/backplane.js';
import type { Client } from '../../../lib/client.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { failure, heard, once } from '../../support/events.js';
import { freshIPC } from '../../support/instances.js';
import { NatsServer, withoutNats } from '../../support/nats.js';
import { freshPath } from '../../support/places.js';
import { type Program, start } from '../../support/processes.js';

/** A server in a process of its own, and one of its clients. */
interface Pair {
  readonly path: string;
  program: Program;
  server: string;
  readonly client: Client;
}

describe('Servers in processes of their own with a backplane over NATS', () => {
  let nats: NatsServer;
  let backplane: BackplaneOptions;

  beforeEach(async () => {
    if (withoutNats !== undefined) pending(withoutNats);
    nats = await NatsServer.start();
    backplane = { nats: { servers: nats.url, reconnectTimeWait: 20 }, heartbeat: 250 };
  });

  async function serve(path: string): Promise<{ program: Program; server: string }> {
    const program = start('spec/fixtures/backplane.ts', [path, JSON.stringify({ id: 'world', backplane })]);
    afterwards(() => {
      program.process.stdin.end();
      return program.exited;
    });
    const [, server = ''] = await program.waitForLine(/^started (.*)/);
    return { program, server };
  }

  /** So many servers that know each other, each with a client. */
  function pairs(count: number): Promise<Pair[]> {
    const pair = async (): Promise<Pair> => {
      const path = freshPath();
      const server = await serve(path);
      await server.program.waitForLine(new RegExp(`^knows ${count - 1}$`));
      const client = freshIPC().connectTo('world', path);
      await once(client, 'server');
      return { path, client, ...server };
    };
    return Promise.all(Array.from({ length: count }, pair));
  }

  it('lose the clients of a server that is killed, and no others, until it is started again', async () => {
    const all = (await pairs(3)) as [Pair, Pair, Pair];
    const [first, second, third] = all;
    const listed: string[] = await first.client.request('clients');
    expect(listed.map((id) => id.split('.')[0]).sort()).toEqual(all.map(({ server }) => server).sort());
    const id = listed.find((one) => one.startsWith(second.server));
    second.client.handle('never', () => {
      second.client.trigger('asked');
      return new Promise(() => {});
    });
    const asked = once(second.client, 'asked');
    const request = failure(first.client.request('ask', { id, type: 'never' }, { timeout: 0 }));
    await asked;
    const lost = once(second.client, 'disconnect');
    await second.program.kill();
    await lost;
    for (const { program } of [first, third]) await program.waitForLine(new RegExp(`^left ${second.server}`));
    expect(await request).toEqual(ipcError('ERR_IPC_DISCONNECTED', second.server));
    expect((await first.client.request('clients')).length).toBe(2);
    const back = once(second.client, 'server');
    Object.assign(second, await serve(second.path));
    await back;
    await third.program.waitForLine(/^knows 2$/);
    const said = all.map(({ client }) => once(client, 'said'));
    third.client.emit('say', 'hello');
    expect(await Promise.all(said)).toEqual([['hello'], ['hello'], ['hello']]);
  });

  it('lose, repeat and reorder nothing while NATS is killed and started again', async () => {
    const all = await pairs(2);
    const [first] = all as [Pair];
    const received = all.map(({ client }) => heard(client, 'said', 300));
    const say = async (from: number) => {
      for (let i = from; i < from + 100; i++) first.client.emit('say', i);
      await first.client.ping();
    };
    await say(0);
    await nats.kill();
    await say(100);
    await nats.again();
    await say(200);
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    expect(await Promise.all(received)).toEqual([numbers, numbers]);
  });
});
