import { createServer, type Socket } from 'node:net';
import { IPCError } from '../../../entities/errors.js';
import {
  BadClientError,
  Client,
  type ClientOptions,
  DecodeError,
  EncodeError,
  MessageError,
  NoServerError,
  SendAfterCloseError,
  SendError,
  Server,
  type ServerOptions,
  type Transcoder,
} from '../../../services/socket-ipc/index.js';
import { afterwards } from '../../support/afterwards.js';
import { once } from '../../support/events.js';
import { freshPath } from '../../support/places.js';

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('socket-ipc', () => {
  let socketFile: string;

  beforeEach(() => {
    socketFile = freshPath();
  });

  /** A server, closed afterwards if it is not by then. */
  function makeServer(options: Partial<ServerOptions> = {}): Server {
    return tracked(new Server({ socketFile, ...options }));
  }

  function makeClient(options: Partial<ClientOptions> = {}): Client {
    const made = tracked(new Client({ socketFile, ...options }));
    made.on('connect', (socket) => sockets.set(made, socket));
    return made;
  }

  async function serve(options: Partial<ServerOptions> = {}): Promise<Server> {
    const made = makeServer(options);
    const listening = once(made, 'listening');
    made.listen();
    await listening;
    return made;
  }

  async function connect(options: Partial<ClientOptions> = {}): Promise<Client> {
    const made = makeClient(options);
    const connected = once(made, 'connect');
    made.connect();
    await connected;
    return made;
  }

  /** A client and the id that the server knows it by. */
  async function introduce(server: Server, options: Partial<ClientOptions> = {}): Promise<[Client, string]> {
    const came = once<[string, Socket]>(server, 'connection');
    const client = await connect(options);
    return [client, (await came)[0]];
  }

  describe('Server', () => {
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

    for (const bad of ['', '8000', undefined, 17]) {
      it(`refuses ${JSON.stringify(bad)} as its socketFile`, () => {
        expect(() => new Server({ socketFile: bad as string })).toThrowMatching(
          (error) => error.code === 'ERR_IPC_ARGUMENT' && /socketFile/.test(error.message),
        );
      });
    }
  });

  describe('Client', () => {
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

  describe('with a transcoder', () => {
    /** Lines of `TOPIC MESSAGE`, in hexadecimal; messages that begin with `-` are kept back, with `!` refused. */
    function lines(socketEncoding: BufferEncoding | undefined, later = false): Transcoder {
      return {
        socketEncoding,
        createEncoder() {
          return ({ topic, message }, callback) => {
            const text = String(message);
            const act = () => {
              if (text.startsWith('!')) callback(new Error(`refused ${text}`));
              else callback(null, text.startsWith('-') ? null : Buffer.from(`${topic} ${text}\n`));
            };
            if (later) setImmediate(act);
            else act();
          };
        },
        createDecoder() {
          let held = '';
          return (chunk: string | Buffer, callback) => {
            held += socketEncoding === 'hex' ? Buffer.from(chunk as string, 'hex') : chunk.toString();
            const parts = held.split('\n');
            held = parts.pop() ?? '';
            const wrong = parts.find((part) => !part.includes(' '));
            const messages = parts.map((part) => ({
              topic: part.slice(0, part.indexOf(' ')),
              message: part.slice(part.indexOf(' ') + 1),
            }));
            const act = () => (wrong === undefined ? callback(null, messages) : callback(new Error(wrong)));
            if (later) setImmediate(act);
            else act();
          };
        },
      };
    }

    for (const [what, transcoder] of [
      ['text', lines('utf8')],
      ['another encoding', lines('hex')],
      ['bytes', lines(undefined)],
      ['callbacks that come later', lines('utf8', true)],
    ] as const) {
      it(`sends and receives ${what}`, async () => {
        const server = await serve({ transcoder });
        const [client, id] = await introduce(server, { transcoder });
        const heard = once(server, 'message.b');
        const answered = once(client, 'message.c');
        const all = jasmine.createSpy();
        server.on('message', all);
        client.send('a', 'ä one');
        client.send('a', '-kept back');
        client.send('b', 'two');
        expect(await heard).toEqual(['two', id]);
        expect(all.calls.allArgs()).toEqual([
          ['ä one', 'a', id],
          ['two', 'b', id],
        ]);
        server.broadcast('c', 'three');
        expect(await answered).toEqual(['three']);
      });
    }

    it('speaks JSON if the transcoder is null', async () => {
      const server = await serve({ transcoder: null });
      const [client, id] = await introduce(server, { transcoder: null });
      const heard = once(server, 'message.a');
      client.send('a', { json: true });
      expect(await heard).toEqual([{ json: true }, id]);
    });

    it('reports the error of its encoder', async () => {
      const server = await serve({ transcoder: lines('utf8') });
      const [, id] = await introduce(server, { transcoder: lines('utf8') });
      const errors: Error[] = [];
      server.on('error', (error) => errors.push(error));
      server.send('a', '!1', id);
      server.broadcast('a', '!2');
      expect(errors.map(String)).toEqual(['Error: refused !1', 'Error: refused !2']);
    });

    it('reports the error of its decoder, and ends that connection', async () => {
      const server = await serve({ transcoder: lines('utf8') });
      const [client, id] = await introduce(server, { transcoder: lines('utf8'), reconnectDelay: 60_000 });
      const failed = Promise.all([once(server, 'error'), once(server, 'messageError')]);
      const gone = once(server, 'connectionClose');
      socketOf(client).write('wrong\n');
      const [[error], [same, from]] = await failed;
      expect(String(error)).toBe('Error: wrong');
      expect([same, from]).toEqual([error, id]);
      expect(await gone).toEqual([id]);
    });

    it('ends a connection whose decoder consumes more than maxMessageSize without a message', async () => {
      const server = await serve({ transcoder: lines('utf8'), maxMessageSize: 1000 });
      const [client] = await introduce(server, { transcoder: lines('utf8'), reconnectDelay: 60_000 });
      const failed = once<[IPCError]>(server, 'error');
      socketOf(client).write('x'.repeat(2000));
      expect((await failed)[0].code).toBe('ERR_IPC_TOO_LARGE');
    });

    it('decodes for a client as well', async () => {
      const client = makeClient({ transcoder: lines('utf8'), reconnectDelay: 60_000 });
      const peer = createServer((socket) => {
        socket.write('hi there\n');
        socket.once('data', () => socket.write('wrong\n'));
      });
      peer.listen(socketFile);
      afterwards(() => peer.close());
      const heard = once(client, 'message.hi');
      const failed = once(client, 'messageError');
      const lost = once(client, 'disconnect');
      client.connect();
      expect(await heard).toEqual(['there']);
      client.send('go', 'on');
      expect(String((await failed)[0])).toBe('Error: wrong');
      await lost;
    });
  });
});

const sockets = new WeakMap<Client, Socket>();
const closings = new WeakMap<Server | Client, Promise<void>>();

/** A client's own socket. */
function socketOf(client: Client): Socket {
  return sockets.get(client) as Socket;
}

function tracked<Side extends Server | Client>(side: Side): Side {
  closings.set(side, new Promise((resolve) => side.once('close', () => resolve())));
  afterwards(() => close(side));
  return side;
}

/** Closes, if that has not been done, and waits until it is over. */
function close(side: Server | Client): Promise<void> | undefined {
  side.close();
  return closings.get(side);
}
