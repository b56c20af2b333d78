import type { Socket } from 'node:net';
import { IPCError } from '../../../entities/errors.js';
import {
  type Client,
  EncodeError,
  NoServerError,
  SendAfterCloseError,
} from '../../../services/socket-ipc/index.js';
import { once } from '../../support/events.js';
import { close, Sides } from './sides.js';

describe('socket-ipc Client', () => {
  const sides = new Sides();
  const { makeClient, serve, connect, introduce } = sides;

  it("reports each failed attempt as 'connectError', until there is a server", async () => {
    const client = makeClient({ retryDelay: { min: 5, max: 10 } });
    const failed = once<[IPCError]>(client, 'connectError');
    client.connect();
    expect(((await failed)[0].cause as NodeJS.ErrnoException).code).toBe('ENOENT');
    await once(client, 'connectError');
    const connected = once<[Socket]>(client, 'connect');
    await serve();
    expect((await connected)[0].writable).toBeTrue();
  });

  it("reconnects after a lost connection: 'disconnect', 'connect' and then 'reconnect'", async () => {
    const server = await serve();
    const came = once<[string, Socket]>(server, 'connection');
    const client = await connect({ reconnectDelay: 5, retryDelay: 60_000 });
    const events: string[] = [];
    for (const type of ['disconnect', 'connect', 'reconnect', 'connectError'] as const) {
      client.on(type, () => events.push(type));
    }
    const back = once(client, 'reconnect');
    (await came)[1].destroy();
    await back;
    expect(events).toEqual(['disconnect', 'connect', 'reconnect']);
  });

  it('waits for retryDelay if a reconnect fails', async () => {
    const server = await serve();
    const client = await connect({ reconnectDelay: 1, retryDelay: { min: 60_000, max: 70_000 } });
    const failed = once(client, 'connectError');
    await close(server);
    await failed;
    const closed = once(client, 'close');
    client.close();
    expect(await closed).toEqual([]);
  });

  it('waits no longer than max, if that is given without min', async () => {
    const patient = makeClient({ retryDelay: 500 });
    const quick = makeClient({ retryDelay: { max: 5 } });
    const order: Client[] = [];
    const tries = [patient, quick].map(async (client) => {
      client.connect();
      await once(client, 'connectError');
      await once(client, 'connectError');
      order.push(client);
    });
    await Promise.all(tries);
    expect(order).toEqual([quick, patient]);
  });

  it('refuses to send without a connection: NoServerError, and does not send it later', async () => {
    const client = makeClient({ retryDelay: 5 });
    client.connect();
    const failed = once<[NoServerError]>(client, 'error');
    client.send('hello', 1);
    const [error] = await failed;
    expect(error).toBeInstanceOf(NoServerError);
    expect([error.sentTopic, error.sentMessage]).toEqual(['hello', 1]);
    const server = await serve();
    await once(client, 'connect');
    const heard = once(server, 'message');
    client.send('later', 2);
    expect((await heard)[0]).toBe(2);
  });

  it('closes after it has sent the rest, reports it once, and sends no more', async () => {
    const server = await serve();
    const [client] = await introduce(server);
    const heard = once(server, 'message.last');
    const closed = Promise.all([once(client, 'close'), once(client, 'closed')]);
    const disconnected = jasmine.createSpy();
    client.on('disconnect', disconnected);
    client.send('last', 'word');
    client.close();
    client.close();
    await heard;
    await closed;
    expect(disconnected).not.toHaveBeenCalled();
    expect(() => client.send('more', 1)).toThrowError(SendAfterCloseError);
    expect(() => client.connect()).toThrowError(/connects once/);
  });

  it('closes while it waits for its next attempt', async () => {
    const client = makeClient({ retryDelay: 60_000 });
    const failed = once(client, 'connectError');
    client.connect();
    await failed;
    const closed = once(client, 'close');
    client.close();
    expect(await closed).toEqual([]);
  });

  it('connects once only', async () => {
    await serve();
    const client = await connect();
    expect(() => client.connect()).toThrowError(IPCError, /once/);
  });

  it('cannot send what is not JSON: EncodeError', async () => {
    await serve();
    const client = await connect();
    const failed = once<[EncodeError]>(client, 'error');
    const circle: { self?: unknown } = {};
    circle.self = circle;
    client.send('circle', circle);
    const [error] = await failed;
    expect(error).toBeInstanceOf(EncodeError);
    expect(error.sentMessage).toBe(circle);
    expect(error.code).toBe('ERR_IPC_ENCODE');
  });
});
