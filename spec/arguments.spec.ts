/** Arguments and options that nothing would read: each is refused, with what to do. */
import { Channel } from '../services/channel/index.js';
import { remote } from '../services/ipc/remote.js';
import { afterwards } from './support/afterwards.js';
import { freshRendezvous } from './support/channels.js';
import { ipcError } from './support/errors.js';
import { freshIPC, join, local } from './support/instances.js';

/** Any arguments at all, as a program without types gives them. */
// biome-ignore lint/suspicious/noExplicitAny: a program without types
type Loose = any;

const nothing = () => {};

describe('Arguments that nothing would read are refused', () => {
  async function ends() {
    const server: Loose = await local.serve();
    const client: Loose = await join(local, server);
    return { server, client, socket: server.sockets[0] };
  }

  /** What a call threw, or rejected with. */
  async function refusal(call: () => unknown): Promise<unknown> {
    try {
      await call();
    } catch (error) {
      return error;
    }
    return 'nothing was refused';
  }

  async function expectRefusals(calls: readonly (readonly [() => unknown, string])[]): Promise<void> {
    for (const [call, says] of calls) {
      expect(await refusal(call))
        .withContext(String(call))
        .toEqual(ipcError('ERR_IPC_ARGUMENT', says));
    }
  }

  it('by ipc', async () => {
    const ipc: Loose = freshIPC();
    const { port1, port2 } = new MessageChannel();
    afterwards(() => port1.close());
    await expectRefusals([
      [
        () => ipc.connectToNet('a', 'udp4'),
        "cannot connect over UDP, which has no connections; use serveNet('udp4')",
      ],
      [
        () => ipc.connectToNet('a', { host: 'b' }),
        "{ host: 'b' } is not a host, port, 'udp4', 'udp6' or callback",
      ],
      [() => ipc.serveNet({ port: 1 }), '{ port: 1 } is not a host'],
      [() => ipc.serveNet('localhost', { port: 1 }), '{ port: 1 } is not a host'],
      [() => ipc.serveNet(0, 'udp'), "'udp' is neither 'udp4' nor 'udp6'"],
      [() => ipc.serveNet(Number.NaN), 'NaN is not a port'],
      [() => ipc.serve({ path: 'a' }), 'serve({ path }) is not known; give a path'],
      [() => ipc.serve(5), '5): that is not a path'],
      [() => ipc.serve('a', 5), 'the last argument is not a function'],
      [() => ipc.connectTo('a', 5), 'that is not a path'],
      [() => ipc.connectTo('a', 'b', 5), 'the last argument is not a function'],
      [() => ipc.serveNet('udp4', 'udp6'), "'udp4' and 'udp6' are both given as the family of UDP"],
      [() => ipc.servePort(5), '5 cannot carry messages; give a MessagePort'],
      [() => ipc.servePort(), 'undefined cannot carry messages'],
      [() => ipc.servePort(port1, {}), 'takes a function as its callback, and was given {}'],
      [() => ipc.connectToPort('a', 5), '5 cannot carry messages'],
      [() => ipc.connectToPort('a', port2, 5), 'takes a function as its callback, and was given 5'],
      [() => ipc.transfer(5, 5), 'takes an object and the list of what it hands over'],
      [() => ipc.transfer({}, 5), 'takes an object and the list of what it hands over'],
    ]);
    expect(Object.keys(ipc.of)).toEqual([]);
  });

  it('by a client and a server', async () => {
    const { client, server, socket } = await ends();
    const both: [string, Loose][] = [
      ['client', client],
      ['server', server],
    ];
    for (const [name, side] of both) {
      await expectRefusals([
        [() => side.on(5, nothing), "An event's name must be a string, not number"],
        [() => side.on('a', { inptu: 1 }, nothing), 'on("a", ...) does not know inptu; did you mean input?'],
        [
          () => side.on('a', nothing, { input: 1 }),
          'on("a", options, handler) takes its options before the handler',
        ],
        [
          () => side.handle('a', { inptu: 1 }, nothing),
          'handle("a", ...) does not know inptu; did you mean input?',
        ],
        [
          () => side.handle('a', 5, nothing),
          'takes its options as an object, such as { input }, and was given 5',
        ],
        [() => side.subscribe('a'), 'needs a function as its handler'],
        [() => side.subscribe('a', nothing, {}), `${name}.subscribe(topics, handler) does not read {}`],
        [
          () => side.publish('a', 1, { except: 1 }),
          `${name}.publish(topic, data) does not read { except: 1 }`,
        ],
        [() => side.flush({ timeout: 5 }), `${name}.flush() does not read { timeout: 5 }`],
        [() => side.inspect({ limt: 5 }), `${name}.inspect(...) does not know limt; did you mean limit?`],
        [() => side.ping({ timeOut: 5 }), 'does not know timeOut; did you mean timeout?'],
      ]);
    }
    await expectRefusals([
      [() => client.ready({ timeout: 5 }), 'client.ready() does not read { timeout: 5 }; it waits until'],
      [() => server.stop({ timeOut: 5 }), 'server.stop(...) does not know timeOut; did you mean timeout?'],
      [
        () => server.clients({ timeOut: 5 }),
        'server.clients(...) does not know timeOut; did you mean timeout?',
      ],
      [() => server.ping(socket), 'ping(...) does not know'],
      [() => server.survey('a', 1, { timeOut: 5 }), 'does not know timeOut; did you mean timeout?'],
      [() => server.survey('a', 1, { retries: 5 }), 'retries are for clients'],
      [() => server.request(socket, 'a', 1, { retries: 5 }), 'retries are for clients'],
      [
        () => server.close(),
        'ends the connection of one client, and was given undefined; stop() ends the server',
      ],
      [() => server.close(nothing), 'stop() ends the server'],
      [() => server.close(socket, 'why', { reconnect: false }), 'takes true or false as reconnect'],
      [() => server.peer(socket).request('a', 1, { retries: 5 }), 'retries are for clients'],
      [() => server.peer(socket).request('a', 1, { timeOut: 5 }), 'did you mean timeout?'],
      [() => server.peer(socket).close('why', { reconnect: false }), 'takes true or false as reconnect'],
      [() => server.broadcast('a', 1, { exept: 1 }), 'does not know exept; did you mean except?'],
    ]);
    expect(server.sockets).toEqual([socket]);
  });

  it('by a server whose program wants TLS without its config', () => {
    const ipc: Loose = freshIPC();
    expect(() => ipc.serveNet('127.0.0.1', 0, 'tls')).toThrow(
      ipcError('ERR_IPC_CONFIG', 'TLS is asked for, and config.tls is not set'),
    );
  });

  it('by requests and streams, with a timeout that is not a time', async () => {
    const { client, server, socket } = await ends();
    const asks: ((options: unknown) => unknown)[] = [
      (options) => client.request('a', 1, options),
      (options) => server.request(socket, 'a', 1, options),
      (options) => client.stream('a', 1, options),
      (options) => server.stream(socket, 'a', 1, options),
      (options) => (remote(client) as Loose).a(1, options),
      (options) => client.ping(options),
    ];
    for (const ask of asks) {
      await expectRefusals([
        [() => ask({ timeOut: 5 }), 'does not know timeOut; did you mean timeout?'],
        ...([5, null, nothing, []].map((options) => [
          () => ask(options),
          'takes its options as an object',
        ]) as [() => unknown, string][]),
        ...(['5s', Number.NaN, -5, null].map((timeout) => [
          () => ask({ timeout }),
          'takes a timeout in milliseconds',
        ]) as [() => unknown, string][]),
        [() => ask({ signal: 5 }), 'takes an AbortSignal as its signal'],
      ]);
    }
    for (const timeout of ['5s', Number.NaN, -5]) {
      await expectRefusals([
        [() => server.stop({ timeout }), 'takes a timeout in milliseconds'],
        [() => server.clients({ timeout }), 'takes a timeout in milliseconds'],
      ]);
    }
    await expectRefusals([
      [() => client.stream('a', 1, { highwaterMark: 1 }), 'did you mean highWaterMark?'],
      [() => client.stream('a', 1, { highWaterMark: 'x' }), 'takes a highWaterMark of at least 1'],
      [() => client.stream('a', 1, { highWaterMark: { itmes: 1 } }), 'did you mean items?'],
      [() => client.stream('a', 1, { resume: 5 }), 'takes true or false as resume'],
    ]);
    expect(server.active).toBeTrue();
  });

  it('by a channel', async () => {
    const channel: Loose = new Channel({ name: 'arguments', directory: freshRendezvous() });
    afterwards(() => channel.close());
    await channel.ready();
    await expectRefusals([
      [
        () => channel.close({ timeOut: 5 }),
        'channel.close(...) does not know timeOut; did you mean timeout?',
      ],
      [() => channel.close({ timeout: '5s' }), 'channel.close(...) takes a timeout in milliseconds'],
      [() => channel.inspect({ limt: 5 }), 'channel.inspect(...) does not know limt; did you mean limit?'],
      [() => channel.to(1).request('a', 1, { timeOut: 5 }), 'does not know timeOut; did you mean timeout?'],
      [() => channel.to(1).request('a', 1, 5), 'takes its options as an object'],
      [() => channel.to(1).stream('a', 1, { timeOut: 5 }), 'does not know timeOut; did you mean timeout?'],
      [() => channel.to(1).stream('a', 1, null), 'takes its options as an object'],
      [() => channel.handle('a', { inptu: 1 }, nothing), 'does not know inptu; did you mean input?'],
      [() => channel.subscribe('a'), 'needs a function as its handler'],
      [() => channel.subscribe('a', nothing, {}), 'channel.subscribe(topics, handler) does not read {}'],
      [() => channel.publish('a', 1, {}), 'channel.publish(topic, data) does not read {}'],
      [() => channel.on('a'), 'on("a", ...) needs a function as its handler'],
    ]);
    expect(channel.peers).toEqual([1]);
  });

  it('by the constructor of a channel, and as options of a backplane', () => {
    const options: [unknown, string][] = [
      [5, 'new Channel(5): that is not an object of options'],
      [{ nmae: 'shop' }, 'new Channel(...) does not know nmae; did you mean name?'],
      [
        { name: 'shop', nats: { severs: 'nats://a' } },
        'does not know nats.severs; did you mean nats.servers?',
      ],
    ];
    for (const [given, says] of options) {
      expect(() => new Channel(given as never)).toThrow(ipcError('ERR_IPC_CONFIG', says));
    }
    const ipc: Loose = freshIPC();
    ipc.config.backplane = { heartbeet: 5 };
    expect(() => ipc.serve()).toThrow(ipcError('ERR_IPC_CONFIG', 'did you mean config.backplane.heartbeat?'));
  });

  it('except the third argument of on, as in event-pubsub, which makes the handler one-time', async () => {
    const { client } = await ends();
    let calls = 0;
    client.on('a', () => calls++, true);
    client.trigger('a').trigger('a');
    expect(calls).toBe(1);
  });
});
