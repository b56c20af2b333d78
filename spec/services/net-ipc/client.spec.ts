import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { IPCError } from '../../../entities/errors.js';
import { Client, type ClientOptions, ClientStatus, type Respond } from '../../../services/net-ipc/index.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';
import { clientOf, introduce, serve } from './pair.js';

describe('net-ipc: Client', () => {
  it('goes through its statuses', async () => {
    const server = await serve();
    const client = clientOf(server, { reconnect: false });
    const seen: ClientStatus[] = [];
    client.on('status', (status) => seen.push(status));
    expect(client.status).toBe(ClientStatus.IDLE);
    await client.connect();
    expect(client.status).toBe(ClientStatus.READY);
    await client.close();
    const { CONNECTING, CONNECTED, READY, DISCONNECTED, IDLE } = ClientStatus;
    expect(seen).toEqual([CONNECTING, CONNECTED, READY, DISCONNECTED, IDLE]);
  });

  it('rejects if it could not connect, after all retries; an error reports each', async () => {
    const client = new Client({ path: freshPath(), retries: 1 });
    const errors: IPCError[] = [];
    const closed = jasmine.createSpy();
    client.on('error', (error) => errors.push(error)).on('close', closed);
    await expectAsync(client.connect()).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ERR_IPC_CONNECT' }),
    );
    expect(errors.length).toBe(2);
    expect((errors[0] as { cause: { code?: string } }).cause.code).toBe('ENOENT');
    expect(closed).not.toHaveBeenCalled();
    expect(client.status).toBe(ClientStatus.IDLE);
  });

  it('gives up at once with reconnect: false: the promise rejects, and close has the reason', async () => {
    const client = new Client({ path: freshPath(), reconnect: false });
    const closed = once<[IPCError]>(client, 'close');
    await expectAsync(client.connect()).toBeRejected();
    expect((await closed)[0].code).toBe('ERR_IPC_CONNECT');
  });

  it('reports why it gave up, if it was connected before', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server, { reconnect: false });
    const closed = once(client, 'close');
    connection.destroy();
    await closed;
    expect(client.status).toBe(ClientStatus.IDLE);
    await client.connect();
    expect(client.id).toBe(connection.id);
  });

  it('makes one connection at a time', async () => {
    const [client] = await introduce(await serve());
    await expectAsync(client.connect()).toBeRejectedWithError(IPCError, /connected already/);
  });

  it('rejects messages before it connects and after it has closed', async () => {
    const server = await serve();
    const client = clientOf(server);
    const refused = jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' });
    const trySend = async () => {
      await expectAsync(client.send(1)).toBeRejectedWith(refused);
      await expectAsync(client.request(1)).toBeRejectedWith(refused);
      await expectAsync(client.ping()).toBeRejectedWith(refused);
    };
    await trySend();
    expect(await client.close()).toBeFalse();
    expect(client.destroy()).toBeFalse();
    await client.connect();
    expect(await client.close()).toBeTrue();
    expect(await client.close()).toBeFalse();
    await trySend();
  });

  it('queues messages while it connects, in order', async () => {
    const server = await serve();
    const client = clientOf(server);
    const heard: unknown[] = [];
    server.on('message', (message) => heard.push(message));
    server.on('request', (_data, respond) => respond([...heard]));
    client.connect();
    const sent = Promise.all([client.send(1), client.send(2)]);
    const answer = client.request('what have you heard?');
    await client.send(3);
    await sent;
    expect(await answer).toEqual([1, 2]);
  });

  it('rejects queued messages when it gives up', async () => {
    const server = await serve();
    const [client] = await introduce(server, { retries: 1 });
    const lost = once(client, 'status');
    await server.close(true);
    await lost;
    const results = await Promise.allSettled([client.send(1), client.request(2, 0), client.ping(3, 0)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('rejects messages that cannot be encoded, and does not resolve with an error', async () => {
    const [client] = await introduce(await serve());
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const trial of [client.send(circle), client.request(circle), client.ping(circle)]) {
      await expectAsync(trial).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_ENCODE' }));
    }
  });

  it('rejects a request that is not answered in time', async () => {
    const server = await serve();
    const [client] = await introduce(server);
    server.on('request', () => {});
    await expectAsync(client.request(1, 20)).toBeRejectedWith(
      jasmine.objectContaining({ code: 'ERR_IPC_TIMEOUT' }),
    );
    await expectAsync(client.request(1, 'soon' as unknown as number)).toBeRejectedWithError(
      /timeout is soon/,
    );
  });

  it('separates its requests from those of other clients of this process, even with the same nonce', async () => {
    const server = await serve();
    const asked: [unknown, Respond][] = [];
    const both = new Promise<void>((resolve) =>
      server.on('request', (data, respond) => {
        if (asked.push([data, respond]) === 2) resolve();
      }),
    );
    const [[one], [other]] = await Promise.all([introduce(server), introduce(server)]);
    const answers = [one.request('one'), other.request('other')];
    await both;
    for (const [data, respond] of asked.reverse()) respond(`for ${data}`);
    expect(await Promise.all(answers)).toEqual(['for one', 'for other']);
  });

  it('settles each of many sends that wait for the server to read', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server);
    connection.pause();
    const sent = Array.from({ length: 40 }, () => client.send('x'.repeat(50_000)));
    let settled = 0;
    for (const one of sent) one.then(() => settled++);
    await expectAsync(connection.ping(undefined, 20)).toBeRejected();
    expect(settled).toBeLessThan(40);
    connection.resume();
    await Promise.all(sent);
  });

  it('rejects the sends that wait when the connection is lost', async () => {
    const server = await serve();
    const [client, connection] = await introduce(server, { reconnect: false });
    connection.pause();
    const sent = Promise.allSettled(Array.from({ length: 40 }, () => client.send('x'.repeat(50_000))));
    connection.destroy();
    expect((await sent).at(-1)?.status).toBe('rejected');
  });

  it('causes no unhandled rejection', async () => {
    const unhandled = jasmine.createSpy();
    process.on('unhandledRejection', unhandled);
    afterwards(() => process.off('unhandledRejection', unhandled));
    const server = await serve();
    const [client, connection] = await introduce(server, { reconnect: false });
    client.on('request', () => {});
    client.connect();
    client.send(1n);
    client.request(1n);
    client.request(1, 0.5);
    connection.request(1);
    connection.ping(1n);
    connection.send(1n);
    server.survey(1, 0.5).catch(() => {});
    server.start();
    const gone = once(server, 'disconnect');
    client.destroy();
    client.send(1);
    client.ping();
    await gone;
    connection.send(1);
    connection.request(1);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("receives the server's requests, and answers each once", async () => {
    const [client, connection] = await introduce(await serve());
    const outcomes: Promise<unknown>[] = [];
    client.on('request', (data, respond) => {
      outcomes.push(respond(1n).catch((error) => error.code));
      setImmediate(() => outcomes.push(respond({ data }), respond('again')));
    });
    expect(await connection.request('x')).toEqual({ data: 'x' });
    expect(await Promise.all(outcomes)).toEqual(['ERR_IPC_ENCODE', undefined, undefined]);
  });

  it('rejects open requests in destroy(), and close has the reason', async () => {
    const server = await serve();
    const [client] = await introduce(server);
    server.on('request', () => {});
    const answer = client.request(1);
    const closed = once(client, 'close');
    expect(client.destroy('no more')).toBeTrue();
    expect(client.destroy('once more')).toBeFalse();
    expect(await closed).toEqual(['no more']);
    await expectAsync(answer).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' }));
  });

  it('can be destroyed while it closes, and again after it has reconnected', async () => {
    const server = await serve();
    const [client] = await introduce(server);
    server.on('request', () => {});
    client.request('is never answered', 0).catch(() => {});
    const closing = client.close();
    expect(client.destroy()).toBeTrue();
    expect(await closing).toBeTrue();
    await client.connect();
    expect([client.destroy(), client.destroy()]).toEqual([true, false]);
  });

  it('closes while it waits for its next attempt', async () => {
    const client = new Client({ path: freshPath() });
    const failed = once(client, 'error');
    const connected = client.connect();
    await failed;
    expect(await client.close()).toBeTrue();
    await expectAsync(connected).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' }));
    expect(client.connection?.destroyed).not.toBeFalse();
  });

  describe('with another kind of server', () => {
    async function connect(answer: (socket: Socket) => void, options: ClientOptions): Promise<Client> {
      const client = await clientOfOne(answer, options);
      return client.connect();
    }

    async function clientOfOne(answer: (socket: Socket) => void, options: ClientOptions): Promise<Client> {
      const path = freshPath();
      const server: NetServer = createServer(answer);
      const listening = once(server, 'listening');
      server.listen(path);
      await listening;
      afterwards(() => server.close());
      return new Client({ path, reconnect: false, ...options });
    }

    /** What ends a connection, as it is on the wire. */
    function farewell(reason: string, allowReconnect: boolean): Buffer {
      const body = JSON.stringify({ t: 6, d: { m: reason, a: allowReconnect } });
      return Buffer.from([0x80 + body.length, ...Buffer.from(body)]);
    }

    it('gets the reason of a refusal, by its promise and by close', async () => {
      const client = await clientOfOne((socket) => socket.resume().end(farewell('full', false)), {
        reconnect: true,
      });
      const closed = once(client, 'close');
      await expectAsync(client.connect()).toBeRejectedWith(
        jasmine.objectContaining({ code: 'ERR_IPC_REFUSED', message: jasmine.stringContaining('full') }),
      );
      expect(await closed).toEqual(['full']);
    });

    it('reconnects to one that allows it, although it was not admitted', async () => {
      const client = await clientOfOne((socket) => socket.resume().end(farewell('later', true)), {
        reconnect: true,
        maxRetryTime: 500,
      });
      afterwards(() => client.destroy());
      client.connect();
      const statuses: ClientStatus[] = [];
      await new Promise<void>((resolve) => {
        client.on('status', (status) => {
          statuses.push(status);
          if (status === ClientStatus.RECONNECTING) resolve();
        });
      });
      expect(statuses).toEqual([
        ClientStatus.CONNECTED,
        ClientStatus.DISCONNECTED,
        ClientStatus.RECONNECTING,
      ]);
    });

    it('gives up on one that does not speak net-ipc after an upgrade', async () => {
      const teapot = connect((socket) => socket.resume().end("HTTP/1.1 418 I'm a Teapot\r\n\r\n"), {
        handshake: true,
      });
      await expectAsync(teapot).toBeRejectedWith(
        jasmine.objectContaining({ code: 'ERR_IPC_HANDSHAKE', message: jasmine.stringContaining('418') }),
      );
    });

    it('gives up on a server that sends nothing within handshakeTimeout', async () => {
      const silent = connect((socket) => socket.resume().on('end', () => socket.end()), {
        handshakeTimeout: 30,
      });
      await expectAsync(silent).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_HANDSHAKE' }));
    });
  });
});
