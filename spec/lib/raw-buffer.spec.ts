import { IPC } from '../../services/ipc/index.js';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { freshPath } from '../support/places.js';

describe('rawBuffer', () => {
  const unsupported = jasmine.objectContaining({ code: 'ERR_IPC_UNSUPPORTED' });

  function makeIPC(): IPC {
    const ipc = new IPC();
    ipc.config.silent = true;
    ipc.config.rawBuffer = true;
    return ipc;
  }

  async function connect() {
    const ipc = makeIPC();
    const path = freshPath();
    const server = ipc.serve(path);
    const received: Buffer[] = [];
    server.on('data', (bytes) => received.push(bytes));
    await server.start();
    afterwards(() => server.stop());
    const connected = once(server, 'connect');
    const client = ipc.connectTo('world', path);
    afterwards(() => client.destroy());
    await client.ready();
    const [socket] = (await connected) as [Parameters<typeof server.emit>[0]];
    return { server, client, socket, received };
  }

  it('refuses every feature but bytes, and puts nothing on the wire', async () => {
    const { server, client, socket, received } = await connect();
    await expectAsync(client.request('add', 'text')).toBeRejectedWith(unsupported);
    await expectAsync(client.ping()).toBeRejectedWith(unsupported);
    await expectAsync(client.subscribe('news', () => {})).toBeRejectedWith(unsupported);
    await expectAsync(server.request(socket, 'add', 'text')).toBeRejectedWith(unsupported);
    expect(() => client.publish('news', 'text')).toThrow(unsupported);
    client.emit('end');
    await once(server, 'data');
    expect(Buffer.concat(received).toString()).toBe('end');
  });

  it('ends a connection without the reason, which no peer would understand', async () => {
    const { server, client } = await connect();
    const gone = once(server, 'disconnect');
    await client.close('a reason');
    expect((await gone)[1]).toBeUndefined();
  });

  it('stops a server that is told to keep its clients away', async () => {
    const { server, client } = await connect();
    const gone = once(client, 'disconnect');
    await server.stop({ reconnect: false });
    expect((await gone)[0]).toBeUndefined();
  });

  it('is refused together with what needs packets', () => {
    const settings = { credentials: 'x', authorize: () => true, codec: 'msgpack', compress: true };
    for (const [key, value] of Object.entries(settings)) {
      const ipc = makeIPC();
      Object.assign(ipc.config, { [key]: value });
      expect(() => ipc.serve(freshPath()))
        .withContext(key)
        .toThrow(jasmine.objectContaining({ code: 'ERR_IPC_CONFIG' }));
    }
  });
});

describe('A reason that cannot be sent', () => {
  it('is reported, and the connection ends all the same', async () => {
    const ipc = new IPC();
    ipc.config.silent = true;
    const path = freshPath();
    const server = ipc.serve(path);
    await server.start();
    afterwards(() => server.stop());
    const client = ipc.connectTo('world', path);
    await client.ready();
    const failed = once(client, 'error');
    await client.close(1n);
    expect((await failed)[0]).toEqual(jasmine.objectContaining({ code: 'ERR_IPC_ENCODE' }));
  });
});
