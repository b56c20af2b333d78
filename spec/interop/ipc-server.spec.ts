import { connect, createServer, type Server, type Socket } from 'node:net';
import { IPCClient, IPCServer } from '../../services/ipc-server/index.js';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { freshPath } from '../support/places.js';

/**
 * A peer of `@isdk/ipc-server`'s by its documented wire alone: frames with a length in base 128, and JSON in them.
 */
class Wire {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #look: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#look?.();
    });
    afterwards(() => socket.destroy());
  }

  text(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  say(frame: object): void {
    const body = Buffer.from(JSON.stringify(frame));
    const head = [(body.length & 127) | 128];
    for (let left = body.length >> 7; left > 0; left >>= 7) head.unshift(left & 127);
    this.#socket.write(Buffer.concat([Buffer.from(head), body]));
  }

  end(frame: object): void {
    this.say(frame);
    this.#socket.end();
  }

  hear(): Promise<{ t: number; d?: unknown; n?: string }> {
    return this.#take((bytes) => {
      const end = bytes.findIndex((byte) => byte > 127) + 1;
      if (end === 0) return undefined;
      const length = bytes.subarray(0, end).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
      if (bytes.length < end + length) return undefined;
      return [end + length, JSON.parse(bytes.toString('utf8', end, end + length))];
    });
  }

  headers(): Promise<string> {
    return this.#take((bytes) => {
      const end = bytes.indexOf('\r\n\r\n');
      return end === -1 ? undefined : [end + 4, bytes.toString('latin1', 0, end)];
    });
  }

  #take<Value>(read: (bytes: Buffer) => [number, Value] | undefined): Promise<Value> {
    return new Promise((resolve) => {
      this.#look = () => {
        const found = read(this.#bytes);
        if (found === undefined) return;
        this.#look = undefined;
        this.#bytes = this.#bytes.subarray(found[0]);
        resolve(found[1]);
      };
      this.#look();
    });
  }
}

describe('ipc-server on the wire that @isdk/ipc-server documents', () => {
  async function dial(): Promise<[IPCServer, Wire]> {
    const path = freshPath();
    const server = new IPCServer({ path });
    afterwards(() => server.close());
    await server.start();
    return [server, new Wire(connect(path))];
  }

  it('serves a client that subscribes and publishes by requests', async () => {
    const [server, wire] = await dial();
    wire.text('IPC');
    wire.say({ t: 0, d: { compress: false, messagepack: false, extras: 'hi', id: null } });
    const { t, d } = await wire.hear();
    expect([t, d]).toEqual([0, { id: server.connections[0]?.id, compress: false, messagepack: false }]);
    wire.say({ t: 2, d: { sub: 'event' }, n: 'first' });
    expect(await wire.hear()).toEqual({ t: 3, d: { result: true }, n: 'first' });
    wire.say({ t: 2, d: { sub: ['event'] }, n: 'again' });
    expect(await wire.hear()).toEqual({ t: 3, d: { result: false }, n: 'again' });
    wire.say({ t: 2, d: { pub: 'event', message: { x: 1 } }, n: 'second' });
    expect(await wire.hear()).toEqual({ t: 1, d: { pub: 'event', message: { x: 1 } } });
    expect(await wire.hear()).toEqual({ t: 3, d: { result: true }, n: 'second' });
    wire.say({ t: 2, d: { unsub: 'event' }, n: 'third' });
    expect(await wire.hear()).toEqual({ t: 3, d: { result: true }, n: 'third' });
    wire.say({ t: 2, d: { unsub: 'event' }, n: 'once more' });
    expect(await wire.hear()).toEqual({ t: 3, d: { result: false }, n: 'once more' });
    await server.publish({ pub: 'event', message: 'unheard' });
    wire.say({ t: 4, d: 'x', n: 'fourth' });
    expect(await wire.hear()).toEqual(jasmine.objectContaining({ t: 5, n: 'fourth' }));
  });

  it('answers an HTTP upgrade to isdk-ipc', async () => {
    const [, wire] = await dial();
    wire.text('GET / HTTP/1.1\r\nHost: isdk-ipc\r\nConnection: Upgrade\r\nUpgrade: isdk-ipc\r\n\r\n');
    expect(await wire.headers()).toMatch(/^HTTP\/1.1 101 .*Upgrade: isdk-ipc$/s);
    wire.say({ t: 0, d: {} });
    expect((await wire.hear()).t).toBe(0);
  });

  it('sends an HTTP upgrade to a server that answers it', async () => {
    const path = freshPath();
    const came = new Promise<Wire>((resolve) => listen(path, (socket) => resolve(new Wire(socket))));
    const client = new IPCClient({ path, handshake: true });
    afterwards(() => client.destroy());
    const connected = client.connect({ password: 'x' });
    const wire = await came;
    expect(await wire.headers()).toContain('Upgrade: isdk-ipc');
    wire.text('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: isdk-ipc\r\n\r\n');
    const hello = await wire.hear();
    expect(hello).toEqual(
      jasmine.objectContaining({ t: 0, d: jasmine.objectContaining({ extras: { password: 'x' } }) }),
    );
    wire.say({ t: 0, d: { id: 'given', compress: false, messagepack: false } });
    await connected;
    expect(client.id).toBe('given');

    const subscribed = client.subscribe('event');
    const { d, n } = await wire.hear();
    expect(d).toEqual({ sub: 'event' });
    wire.say({ t: 3, d: { result: true }, n });
    expect(await subscribed).toEqual({ result: true });
    const several = client.subscribe(['a', 'b']);
    const list = await wire.hear();
    expect(list.d).toEqual({ sub: ['a', 'b'] });
    wire.say({ t: 3, d: { result: false }, n: list.n });
    expect(await several).toEqual({ result: false });
    for (const message of [[1], 0, '', false, null]) {
      const heard = once(client, 'event');
      wire.say({ t: 1, d: { pub: 'event', message } });
      expect(await heard).toEqual([message]);
    }
    const unclaimed = once(client, 'message');
    wire.say({ t: 1, d: { pub: 'error', message: 'not subscribed' } });
    expect(await unclaimed).toEqual([{ pub: 'error', message: 'not subscribed' }]);
    const published = client.publish('event', 'x');
    const request = await wire.hear();
    expect(request).toEqual(jasmine.objectContaining({ t: 2, d: { pub: 'event', message: 'x' } }));
    wire.say({ t: 3, n: request.n });
    await published;
    const closed = once(client, 'close');
    wire.end({ t: 6, d: { m: 'that is all', a: false } });
    expect((await closed)[0]).toBe('that is all');
  });
});

function listen(path: string, came: (socket: Socket) => void): Server {
  const server = createServer(came).listen(path);
  afterwards(() => server.close());
  return server;
}
