import type { Socket } from 'node:net';
import { IPCError } from '../../../entities/errors.js';
import {
  BadClientError,
  DecodeError,
  MessageError,
  SendAfterCloseError,
  SendError,
} from '../../../services/socket-ipc/index.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { close, Sides, socketOf } from './sides.js';

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('socket-ipc Server', () => {
  const sides = new Sides();
  const { makeServer, serve, connect, introduce } = sides;

  it('identifies each client by a UUID of version 4, and passes its socket on', async () => {
    const server = await serve();
    const came = once<[string, Socket]>(server, 'connection');
    await connect();
    const [id, socket] = await came;
    expect(id).toMatch(uuid4);
    expect(socket.writable).toBeTrue();
  });

  it("receives messages as 'message' and as 'message.TOPIC', with the client's id", async () => {
    const server = await serve();
    const [client, id] = await introduce(server);
    const heard = Promise.all([once(server, 'message'), once(server, 'message.dessert')]);
    client.send('dessert', { name: 'cake', n: null });
    expect(await heard).toEqual([
      [{ name: 'cake', n: null }, 'dessert', id],
      [{ name: 'cake', n: null }, id],
    ]);
  });

  it('sends to the client that it names, and broadcasts to all', async () => {
    const server = await serve();
    const [one, id] = await introduce(server);
    const [other] = await introduce(server);
    const seen: unknown[] = [];
    other.on('message', (message) => seen.push(message));
    const both = Promise.all([once(one, 'message.all'), once(other, 'message.all')]);
    const mine = once(one, 'message.you');
    server.send('you', 'only', id);
    server.broadcast('all', [1]);
    expect(await mine).toEqual(['only']);
    expect(await both).toEqual([[[1]], [[1]]]);
    expect(seen).toEqual([[1]]);
  });

  it("uses 'none' as the topic if none is given", async () => {
    const server = await serve();
    const [client, id] = await introduce(server);
    const heard = once(server, 'message.none');
    client.send('', 1);
    expect(await heard).toEqual([1, id]);
  });

  it("keeps topics apart from its own events, 'ipc:' and 'close' among them", async () => {
    const server = await serve();
    const [client] = await introduce(server);
    const closed = jasmine.createSpy();
    server.on('close', closed).on('error', closed);
    client.send('close', 1);
    client.send('error', 2);
    const heard = once(server, 'message.ipc:message');
    client.send('ipc:bye', { reason: 'x' });
    client.send('ipc:message', { topic: 'x', data: 1 });
    expect((await heard)[0]).toEqual({ topic: 'x', data: 1 });
    expect(closed).not.toHaveBeenCalled();
  });

  it('reports a client that has gone, and refuses to send to it: BadClientError', async () => {
    const server = await serve();
    const [client, id] = await introduce(server);
    const gone = once(server, 'connectionClose');
    client.close();
    expect(await gone).toEqual([id]);
    const failed = once<[BadClientError]>(server, 'error');
    server.send('hello', 1, id);
    const [error] = await failed;
    expect(error).toBeInstanceOf(BadClientError);
    expect(error).toBeInstanceOf(SendError);
    expect([error.clientId, error.sentMessage, error.sentTopic]).toEqual([id, 1, 'hello']);
    expect([error.name, error.code]).toEqual(['BadClientError', 'ERR_IPC_DISCONNECTED']);
  });

  it('throws an error without a listener, as any EventEmitter', async () => {
    const server = await serve();
    expect(() => server.send('hello', 1, 'nobody')).toThrowError(BadClientError);
  });

  it("emits 'close' and the old 'closed' once when all clients are gone", async () => {
    const server = makeServer();
    const events: string[] = [];
    server.on('close', () => events.push('close')).on('closed', () => events.push('closed'));
    const listening = once(server, 'listening');
    server.listen();
    await listening;
    const [client] = await introduce(server, { reconnectDelay: 60_000 });
    const disconnected = once(client, 'disconnect');
    const closed = once(server, 'close');
    server.close();
    server.close();
    await closed;
    await disconnected;
    expect(events).toEqual(['closed', 'close']);
  });

  it('closes although it never listened', async () => {
    const server = makeServer();
    const closed = once(server, 'close');
    server.close();
    await closed;
    expect(() => server.listen()).toThrowError(/listens once/);
  });

  it('refuses to send after close: SendAfterCloseError', async () => {
    const server = await serve();
    await close(server);
    const errors: unknown[] = [];
    server.on('error', (error) => errors.push(error));
    server.send('a', 1, 'id');
    server.broadcast('b', 2);
    expect(errors.map((error) => error instanceof SendAfterCloseError)).toEqual([true, true]);
  });

  it('listens once only', async () => {
    const server = await serve();
    expect(() => server.listen()).toThrowError(IPCError, /once/);
  });

  it("does not take the socket of a running server, and reports 'error'", async () => {
    const first = await serve();
    const second = makeServer();
    const failed = once<[IPCError]>(second, 'error');
    second.listen();
    expect((await failed)[0].code).toBe('ERR_IPC_IN_USE');
    await introduce(first);
  });

  it('reports bytes that it cannot decode, and continues', async () => {
    const server = await serve();
    const [client, id] = await introduce(server);
    const failed = Promise.all([once<[DecodeError]>(server, 'error'), once(server, 'messageError')]);
    const heard = once(server, 'message.fine');
    const socket = socketOf(client);
    socket.write('no json\0\0{"topic":"fine","message":1}\0\0');
    const [[error], [same, from]] = await failed;
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toBeInstanceOf(MessageError);
    expect(error.rawData).toBe('no json');
    expect([same, from]).toEqual([error, id]);
    expect(await heard).toEqual([1, id]);
  });

  it('survives invalid bytes without a listener for errors', async () => {
    const server = await serve();
    const [client] = await introduce(server);
    const heard = once(server, 'message.fine');
    socketOf(client).write('no json\0\0{"topic":"fine"}\0\0');
    expect((await heard)[0]).toBeUndefined();
  });

  it("passes what a listener throws to 'error', and receives the next message", async () => {
    const server = await serve();
    const [client] = await introduce(server);
    const failed = once(server, 'error');
    const heard = once(server, 'message.second');
    server.once('message.first', () => {
      throw new Error('oops');
    });
    client.send('first', 1);
    client.send('second', 2);
    expect(String((await failed)[0])).toBe('Error: oops');
    await heard;
  });

  it('disconnects a client that does not read, and only that one', async () => {
    const server = await serve({ maxPendingBytes: 4 * 1024 * 1024 });
    const [slow] = await introduce(server, { reconnectDelay: 60_000 });
    const [other] = await introduce(server);
    socketOf(slow).pause();
    afterwards(() => socketOf(slow).resume());
    const errors: IPCError[] = [];
    server.on('error', (error) => errors.push(error as IPCError));
    const gone = once(server, 'connectionClose');
    const text = 'x'.repeat(1024 * 1024);
    const all = new Promise<void>((resolve) => {
      let count = 0;
      other.on('message', () => {
        if (++count === 12) resolve();
        else server.broadcast('text', text);
      });
    });
    server.broadcast('text', text);
    await all;
    await gone;
    expect(errors.map(({ code }) => code)).toEqual(['ERR_IPC_BACKPRESSURE']);
  });
});
