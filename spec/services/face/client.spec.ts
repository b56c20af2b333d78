import type { Packet } from '../../../entities/packet.js';
import { Server } from '../../../lib/server.js';
import { FaceClient } from '../../../services/face/client.js';
import { faceConfig } from '../../../services/face/config.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

describe('FaceClient', () => {
  function make(path: string) {
    const heard: Packet[] = [];
    const delays: unknown[][] = [];
    const failures: unknown[] = [];
    const face = {
      hear: (packet: Packet) => heard.push(packet),
      failed: (error: Error) => failures.push(error),
      delay: (...args: unknown[]) => {
        delays.push(args);
        return 5;
      },
    };
    const client = new FaceClient(face, faceConfig({}), path);
    afterwards(() => client.destroy());
    return { client, heard, delays, failures };
  }

  async function serve(path: string): Promise<Server> {
    const server = new Server(faceConfig({}), () => {}, path);
    afterwards(() => server.stop());
    await server.start();
    return server;
  }

  it('hears every packet itself, lifecycle names and requests among them, but none that is between connections', async () => {
    const path = freshPath();
    const server = await serve(path);
    const { client, heard } = make(path);
    const triggered = jasmine.createSpy();
    await client.connect().ready();
    client.on('error', triggered);
    server.broadcast('error', 1);
    server.survey('ask', 2, { timeout: 50 });
    server.publish('topic', 3);
    expect(await client.ping()).toBeGreaterThan(0);
    expect(heard.map(({ type, data }) => [type, data])).toEqual([
      ['error', 1],
      ['ask', 2],
    ]);
    expect(triggered).not.toHaveBeenCalled();
  });

  it('sets its own pace', async () => {
    const path = freshPath();
    const { client, delays, failures } = make(path);
    client.connect();
    await once(client, 'retry');
    await once(client, 'retry');
    expect(delays.slice(0, 2)).toEqual([
      [1, false],
      [2, false],
    ]);
    expect(failures.length).toBeGreaterThanOrEqual(2);
    const server = await serve(path);
    await client.ready();
    const connected = delays.length;
    const back = once(client, 'reconnect');
    for (const socket of server.sockets) socket.destroy();
    await back;
    expect(delays[connected]).toEqual([1, true]);
  });

  it('says at once or not at all, posts now or later', async () => {
    const path = freshPath();
    const server = await serve(path);
    const { client } = make(path);
    expect([client.open, client.say({ type: 'a', data: 1 })]).toEqual([false, false]);
    expect(client.post({ type: 'b', data: 2 })).toBeTrue();
    const heard: string[] = [];
    server.on('*', (type) => heard.push(type));
    server.handle('ask', () => heard.splice(0));
    await client.connect().ready();
    expect([client.open, client.say({ type: 'c', data: 3 })]).toEqual([true, true]);
    expect(await client.ask('ask', undefined, 0)).toEqual(['connect', 'b', 'c']);
  });

  it('keeps its requests over a lost connection, and sends them once', async () => {
    const path = freshPath();
    const server = await serve(path);
    const { client } = make(path);
    let asked = 0;
    const came = new Promise<void>((resolve) => {
      server.handle('ask', () => {
        asked++;
        resolve();
        return new Promise(() => {});
      });
    });
    await client.connect().ready();
    const answer = client.ask('ask', undefined, 0);
    await came;
    const back = once(client, 'reconnect');
    for (const socket of server.sockets) socket.destroy();
    await back;
    await client.ping();
    expect([asked, client.stats().openRequests]).toEqual([1, 1]);
    client.destroy();
    await expectAsync(answer).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' }));
  });
});
