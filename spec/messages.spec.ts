/** What a program is told in its first hour: what happened, why, and what to do. */
import { writeFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import type { IPCErrorCode } from '../entities/errors.js';
import { afterwards } from './support/afterwards.js';
import { freshCertificates } from './support/certificates.js';
import { channelAt, freshRendezvous } from './support/channels.js';
import { ipcError } from './support/errors.js';
import { failure, once } from './support/events.js';
import { freshIPC, join, local, type Settings, tcp, tls } from './support/instances.js';
import { freshDirectory, freshPath } from './support/places.js';

// biome-ignore lint/suspicious/noExplicitAny: a program without types
type Loose = any;
type Row = readonly [does: string, act: () => unknown, code: IPCErrorCode, says: RegExp | string];

/** What a call threw, or rejected with. */
async function outcome(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return 'it went well';
}

async function reported(emitter: { on(type: 'error', handler: (error: unknown) => void): unknown }) {
  return new Promise((resolve) => {
    emitter.on('error', resolve);
  });
}

describe('A message says what happened, why, and what to do', () => {
  async function ends() {
    const server: Loose = await local.serve();
    const client: Loose = await join(local, server);
    return { server, client };
  }

  async function expectMessages(rows: readonly Row[]): Promise<void> {
    for (const [does, act, code, says] of rows) {
      expect(await outcome(act))
        .withContext(does)
        .toEqual(ipcError(code, says));
    }
  }

  it('if a server sends without naming a client', async () => {
    const { server } = await ends();
    for (const [to, says] of [
      [
        'message',
        "server.emit(socket, type, data) is 'message', which no client has as its id; to send to every client, use",
      ],
      [undefined, 'is undefined, and not a socket; to send to every client, use broadcast(type, data)'],
    ]) {
      const error = reported(server);
      server.emit(to, 'message', 'x');
      expect(await error).toEqual(ipcError('ERR_IPC_DISCONNECTED', says));
      server.off('error');
    }
    await expectMessages([
      [
        'request',
        () => server.request('a', 1),
        'ERR_IPC_DISCONNECTED',
        "the first argument of server.request(socket, type, data) is 'a', which no client has as its id",
      ],
      [
        'stream',
        () => server.stream(undefined, 'a'),
        'ERR_IPC_DISCONNECTED',
        'is undefined, which is not a socket',
      ],
    ]);
  });

  it('if no answer comes', async () => {
    const { server, client } = await ends();
    server.handle('slow', () => new Promise(() => {}));
    const waiting: Loose = freshIPC({ retry: 60_000 }).connectTo('nobody', freshPath());
    await once(waiting, 'error');
    const over: Loose = freshIPC({ maxRetries: 0 }).connectTo('nobody', freshPath());
    await outcome(() => over.ready());
    const channel: Loose = channelAt(freshRendezvous());
    await channel.ready();
    const closed: Loose = await join(local, server);
    await closed.close();
    const options = { timeout: 20 };
    await expectMessages([
      [
        'a handler that takes longer',
        () => client.request('slow', 1, options),
        'ERR_IPC_TIMEOUT',
        'No answer to the request slow came within 20 ms; its handler takes longer, or the other side does not answer requests. Raise the timeout',
      ],
      [
        'no handler',
        () => client.request('none'),
        'ERR_IPC_NO_HANDLER',
        'There is no handler for the request none; add handle("none", ...) on the other side.',
      ],
      [
        'no connection',
        () => waiting.request('a', 1, options),
        'ERR_IPC_TIMEOUT',
        /^The request a waited 20 ms for a connection to nobody, and was not answered: Cannot connect to .*start the server/,
      ],
      [
        'a client that has given up',
        () => over.request('a', 1),
        'ERR_IPC_CLOSED',
        /^nobody has stopped trying to connect, and sends nothing until connect\(\) is called: Cannot connect to .*start the server/,
      ],
      [
        'a client that was closed',
        () => closed.request('a', 1),
        'ERR_IPC_CLOSED',
        'world is closed; connect again to send.',
      ],
      [
        'a member that is not there',
        () => channel.to('nobody').request('a', 1, options),
        'ERR_IPC_TIMEOUT',
        'The request a waited 20 ms for a member to take it, and was not answered; is it running?',
      ],
    ]);
  });

  it('if one side speaks TLS and the other does not', async () => {
    const plain = await tcp.serve();
    const secured = await tls.serve();
    const heard = [reported(plain), reported(secured)];
    const toPlain = freshIPC({ tls: {}, maxRetries: 0 }).connectToNet('world', '127.0.0.1', plain.port);
    const toSecured = freshIPC({ maxRetries: 0 }).connectToNet('world', '127.0.0.1', secured.port);
    const told = [reported(toPlain), reported(toSecured)];
    toSecured.emit('message', 'x');
    expect(await Promise.all([...told, ...heard])).toEqual([
      ipcError(
        'ERR_IPC_HANDSHAKE',
        /the server ended the connection; check that it serves over TLS \(config\.tls\)/,
      ),
      ipcError('ERR_IPC_HANDSHAKE', 'if it serves over TLS, set config.tls for this client too'),
      ipcError(
        'ERR_IPC_PROTOCOL',
        'The other side speaks TLS, and this side does not; set config.tls on both or neither',
      ),
      ipcError(
        'ERR_IPC_HANDSHAKE',
        /it does not speak TLS .*set config\.tls for that client, or serve without it/,
      ),
    ]);
  });

  it('if keys or certificates are invalid, without showing a key', async () => {
    const { server, ca } = freshCertificates();
    const der = joinPath(freshDirectory(), 'ca.der');
    writeFileSync(der, Buffer.from([0x30, 0x82, 1, 2, 3]));
    const key = ['-----BEGIN', 'PRIVATE KEY-----\nsecret\n'].join(' ');
    const start = (given: object) => () =>
      freshIPC({ tls: given } as Settings)
        .serveNet('127.0.0.1', 0)
        .start();
    await expectMessages([
      [
        'a name as content',
        start({ ca: './cert.pem' }),
        'ERR_IPC_CONFIG',
        "which is not PEM text; config.tls.ca takes the content, as in node:tls. Give a file's name as config.tls.trustedConnections.",
      ],
      [
        'content as a name',
        start({ private: key, public: server.cert }),
        'ERR_IPC_CONFIG',
        "config.tls.private holds PEM text, where it takes a file's name; give the text as config.tls.key.",
      ],
      [
        'another format',
        start({ private: server.key, public: server.cert, trustedConnections: der }),
        'ERR_IPC_CONFIG',
        'ca.der, which has no PEM text; convert it',
      ],
      [
        'a missing file',
        start({ private: '/nowhere/key', public: ca }),
        'ERR_IPC_CONFIG',
        'config.tls.private names /nowhere/key, which cannot be read: ENOENT',
      ],
      ['no certificate', start({}), 'ERR_IPC_CONFIG', 'set config.tls.private and config.tls.public'],
    ]);
    const error = (await failure(start({ private: key, public: server.cert })())) as Error;
    expect(error.message + String(error.cause)).not.toContain('secret');
  });

  it('if data cannot be sent', async () => {
    const { client } = await ends();
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const throws = {
      toJSON() {
        throw new Error('no');
      },
    };
    await expectMessages([
      [
        'a circle',
        () => client.emit('a', circle),
        'ERR_IPC_ENCODE',
        /^The payload is not JSON: .*circular.*; send a copy without the reference that closes the circle\.$/,
      ],
      [
        'a BigInt',
        () => client.emit('a', { size: 1n }),
        'ERR_IPC_ENCODE',
        "send its text, or set config.codec to 'msgpack'",
      ],
      [
        'a toJSON that throws',
        () => client.emit('a', throws),
        'ERR_IPC_ENCODE',
        'no; a toJSON or a getter of the payload threw that',
      ],
    ]);
  });

  it('if the config is invalid', async () => {
    const ipc: Loose = freshIPC();
    for (const config of [null, undefined, 5]) {
      const says = "it must be an object of settings: set those you need, as in ipc.config.id = 'world'.";
      expect(await outcome(() => (ipc.config = config))).toEqual(ipcError('ERR_IPC_CONFIG', says));
    }
  });

  it('in the log: milliseconds are whole, and endless tries are not counted', async () => {
    const lines: string[] = [];
    const logger = (line: string) => void lines.push(line);
    const retry = { min: 1.234567, max: 5.654321 };
    const endless = freshIPC({ silent: false, logger, retry }).connectTo('endless', freshPath());
    const counted = freshIPC({ silent: false, logger, retry, maxRetries: 3 }).connectTo(
      'counted',
      freshPath(),
    );
    await Promise.all([once(endless, 'ipc:retry'), once(counted, 'ipc:retry')]);
    const said = (id: string) => lines.find((line) => line.startsWith(`retrying ${id} `));
    expect(said('endless')).toMatch(/^retrying endless in \d+ ms$/);
    expect(said('counted')).toMatch(/^retrying counted in \d+ ms, 2 attempts left after that$/);
  });
});

describe('The stack of what a request was rejected with shows who asked', () => {
  /** Runs `act` in a function of a name that the stack must show. */
  async function stackOf(act: () => Promise<unknown>): Promise<string> {
    async function whoAsks() {
      await act();
    }
    return ((await failure(whoAsks())) as Error).stack ?? '';
  }

  async function first(items: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of items) break;
  }

  it('on a client, a server, and a channel, for requests and streams', async () => {
    const server: Loose = await local.serve();
    const client: Loose = await join(local, server);
    const channel: Loose = channelAt(freshRendezvous());
    await channel.ready();
    const fail = () => {
      throw new TypeError('that is wrong');
    };
    const slow = () => new Promise(() => {});
    for (const side of [server, client, channel]) side.handle('fail', fail).handle('slow', slow);
    const [socket] = server.sockets;
    const timeout = 10;
    const asks: Record<string, () => Promise<unknown>> = {
      client: () => client.request('fail'),
      'client, timed out': () => client.request('slow', 1, { timeout }),
      server: () => server.request(socket, 'fail'),
      channel: () => channel.to(1).request('fail'),
      'stream of a client': () => first(client.stream('fail')),
      'stream of a client, ended before it is read': async () => {
        const items = client.stream('fail');
        await outcome(() => client.request('fail'));
        await first(items);
      },
      'stream of a client, timed out': () => first(client.stream('slow', 1, { timeout })),
      'stream of a server': () => first(server.stream(socket, 'fail')),
      'stream of a channel': () => first(channel.to(1).stream('fail')),
    };
    afterwards(() => client.destroy());
    for (const [name, ask] of Object.entries(asks)) {
      expect(await stackOf(ask))
        .withContext(name)
        .toMatch(/at async .*whoAsks .*messages\.spec/);
    }
  });
});
