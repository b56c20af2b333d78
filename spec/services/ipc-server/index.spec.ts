import {
  type Event,
  IPCBaseConnection,
  IPCClient,
  type IPCClientOptions,
  IPCClientStatus,
  IPCConnection,
  IPCEvents,
  IPCMessageType,
  IPCServer,
  type IPCServerOptions,
} from '../../../services/ipc-server/index.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

describe('ipc-server', () => {
  async function serve(options: IPCServerOptions = {}): Promise<IPCServer> {
    const server = new IPCServer({ path: freshPath(), ...options });
    afterwards(() => server.close());
    await server.start();
    return server;
  }

  async function connect(
    { options: { path } }: IPCServer,
    options: IPCClientOptions = {},
  ): Promise<IPCClient> {
    const client = new IPCClient({ path, ...options });
    afterwards(() => client.destroy());
    await client.connect();
    return client;
  }

  it('is net-ipc under its own names', async () => {
    const server = await serve();
    const came = once<[IPCConnection, unknown]>(server, IPCEvents.CONNECT);
    const client = new IPCClient({ path: server.options.path });
    afterwards(() => client.destroy());
    await client.connect('payload');
    const [connection, payload] = await came;
    expect(connection).toBeInstanceOf(IPCConnection);
    expect([client.id, payload]).toEqual([connection.id, 'payload']);
    expect(client.status).toBe(IPCClientStatus.READY);
    const heard = once(server, IPCEvents.MESSAGE);
    await client.send('hello');
    expect((await heard)[0]).toBe('hello');
    expect(await client.request('nobody listens')).toBeUndefined();
    expect(await client.ping()).toBeGreaterThanOrEqual(0);
    expect(IPCMessageType).toEqual(jasmine.objectContaining({ CONNECTION: 0, RESPONSE: 3, END: 6 }));
  });

  it('calls no more listeners after one has set this.stopped', async () => {
    const server = await serve();
    const client = await connect(server);
    const others = jasmine.createSpy();
    server.on('request', function (this: Event, { say }: { say?: string }, respond: (data: unknown) => void) {
      if (say === undefined) return;
      respond(`said ${say}`);
      this.stopped = true;
    } as () => void);
    server.on('request', (data, respond) => {
      others(data);
      respond('other');
    });
    expect(await client.request({ say: 'x' })).toBe('said x');
    expect(others).not.toHaveBeenCalled();
    expect(await client.request({})).toBe('other');
    expect(others).toHaveBeenCalledOnceWith({});
  });

  it('delivers what clients publish to the subscribers, the publisher included', async () => {
    const server = await serve();
    const [one, other, third] = await Promise.all([connect(server), connect(server), connect(server)]);
    await one.subscribe('event');
    await other.subscribe('event');
    const stranger = jasmine.createSpy();
    third.on('event', stranger);
    const heard = Promise.all([once(one, 'event'), once(other, 'event')]);
    await one.publish('event', { hello: 1 });
    expect(await heard).toEqual([[{ hello: 1 }], [{ hello: 1 }]]);
    const again = once(other, 'event');
    await one.unsubscribe('event');
    one.on('event', stranger);
    await server.publish({ pub: 'event', message: 'from the server' });
    expect(await again).toEqual(['from the server']);
    await Promise.all([one.ping(), third.ping()]);
    expect(stranger).not.toHaveBeenCalled();
  });

  it('reports whether a subscription, its end or a publication changed anything', async () => {
    const client = await connect(await serve());
    expect(await client.unsubscribe('event')).toEqual({ result: false });
    expect(await client.subscribe('event')).toEqual({ result: true });
    expect(await client.subscribe('event')).toEqual({ result: false });
    expect(await client.subscribe(['event', 'other'])).toEqual({ result: true });
    expect(await client.publish('nobody subscribed')).toEqual({ result: true });
    expect(await client.unsubscribe(['event', 'other'])).toEqual({ result: true });
    expect(await client.unsubscribe('event')).toEqual({ result: false });
  });

  it('waits for the given time', async () => {
    const client = await connect(await serve());
    for (const trial of [
      client.subscribe('x', 0.5),
      client.unsubscribe('x', -0.5),
      client.publish('x', 1, NaN),
    ]) {
      await expectAsync(trial).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_ARGUMENT' }));
    }
    expect(await client.subscribe('x', 0)).toEqual({ result: true });
  });

  it('subscribes clients on the server, and lists subscribers', async () => {
    const server = await serve();
    expect(server.subscriptions).toEqual(Object.create(null));
    const client = await connect(server);
    const connection = server.connections[0] as IPCConnection;
    await client.subscribe('a');
    expect(server.subscribe(['a', '__proto__'], connection)).toBeTrue();
    expect(server.subscribe('a', connection)).toBeFalse();
    expect(Object.entries(server.subscriptions)).toEqual([
      ['a', [connection]],
      ['__proto__', [connection]],
    ]);
    expect(server.unsubscribe('__proto__', connection)).toBeTrue();
    expect(server.unsubscribe('__proto__', connection)).toBeFalse();
    expect(Object.keys(server.subscriptions)).toEqual(['a']);
    const gone = once(server, 'disconnect');
    await client.close();
    await gone;
    expect(Object.keys(server.subscriptions)).toEqual([]);
    expect(server.subscribe('a', connection)).toBeFalse();
  });

  it('reports the response time of each client', async () => {
    const server = await serve();
    const client = await connect(server);
    const [outcome] = await server.ping('data');
    expect(outcome).toEqual({
      status: 'fulfilled',
      value: { id: client.id as string, ping: jasmine.any(Number) as unknown as number },
    });
  });

  it('has the exports of the original', async () => {
    const server = new IPCServer({ path: freshPath() });
    afterwards(() => server.close());
    expect(server.isReady).toBeFalse();
    await server.start();
    expect(server.isReady).toBeTrue();
    const client = await connect(server);
    const [connection] = server.connections;
    expect(client.socket).toBe(client.connection);
    expect(connection?.socket).toBe(connection?.connection);
    expect(Math.abs(Date.now() - (connection?.connectedAt ?? 0))).toBeLessThan(60_000);
    expect([client, connection, server, {}].map((value) => value instanceof IPCBaseConnection)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    await server.close();
    expect(server.isReady).toBeFalse();
  });

  it('keeps subscriptions over a lost connection', async () => {
    const server = await serve();
    const client = await connect(server);
    await client.subscribe('event');
    const back = once(client, 'ready');
    server.connections[0]?.destroy();
    await back;
    const heard = once(client, 'event');
    await client.ping();
    await server.publish({ pub: 'event', message: 1 });
    expect(await heard).toEqual([1]);
  });

  it('rejects invalid events, and publications after the end', async () => {
    const server = await serve();
    const client = await connect(server);
    await expectAsync(client.publish('', 1)).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ERR_IPC_ARGUMENT' }),
    );
    await expectAsync(server.publish({ pub: 5 as unknown as string })).toBeRejected();
    await client.close();
    const closed = jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' });
    for (const trial of [client.publish('x'), client.subscribe('x'), client.unsubscribe('x')]) {
      await expectAsync(trial).toBeRejectedWith(closed);
    }
  });

  it('upgrades from HTTP under its own name', async () => {
    const server = await serve();
    const client = await connect(server, { handshake: true });
    expect(client.status).toBe(IPCClientStatus.READY);
  });

  it('survives errors without a listener', async () => {
    const server = await serve({ maxMessageSize: 1000 });
    const client = await connect(server, { reconnect: false });
    const gone = once(server, 'disconnect');
    await client.send('x'.repeat(2000));
    await gone;
    expect(server.connections.length).toBe(0);
  });
});
