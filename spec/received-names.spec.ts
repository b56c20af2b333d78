import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { CLIENT_RESERVED, SERVER_RESERVED } from '../entities/events.js';
import { Channel } from '../services/channel/index.js';
import { IPCClient, IPCServer } from '../services/ipc-server/index.js';
import { Client as NetClient, Server as NetServer } from '../services/net-ipc/index.js';
import { Client as TopicClient, Server as TopicServer } from '../services/socket-ipc/index.js';
import { afterwards } from './support/afterwards.js';
import { freshRendezvous } from './support/channels.js';
import { once } from './support/events.js';
import { pair } from './support/instances.js';
import { freshPath } from './support/places.js';

/** What somebody else may choose as the name of what they send. */
const NAMES = [
  'error',
  'connect',
  'disconnect',
  'destroy',
  'ready',
  'close',
  'closed',
  'status',
  'start',
  'listening',
  'connection',
  'connectionClose',
  'messageError',
  'reconnect',
  'connectError',
  'socket.disconnected',
  'join',
  'leave',
  'hub',
  'undelivered',
  'request',
  'newListener',
  'removeListener',
  '*',
  'data',
  '__proto__',
  'constructor',
  'ipc:status',
  'ipc:relisten',
];

/** Where names arrive, and how somebody sends one there. */
interface Case {
  /** What emits to the user's listeners. */
  readonly emitter: object;
  /** Events that the emitter emits by itself, and that must not come of a name. */
  readonly own: readonly string[];
  /** Sends something under a name. */
  send(name: string): void;
  /** Resolves when all that was sent has come. */
  settled(): Promise<unknown>;
}

const NODE_IPC_CLIENT = [...CLIENT_RESERVED, 'ipc:status', 'ipc:retry'];
const NODE_IPC_SERVER = [...SERVER_RESERVED, 'ipc:relisten'];
const NODE = ['newListener', 'removeListener'];

const CASES: Record<string, () => Promise<Case>> = {
  async "an ipc client's"() {
    const { server, client } = await pair();
    const [socket] = server.sockets as [Socket];
    const settled = () => client.ping();
    // Whoever is on the other side is not held to what emit() allows.
    const send = (name: string) =>
      void socket.write(`${JSON.stringify({ type: name, data: { from: 'afar' } })}\f`);
    server.on('*', () => {});
    return { emitter: client, own: NODE_IPC_CLIENT, send, settled };
  },
  async "an ipc server's"() {
    const { server, client } = await pair();
    const send = (name: string) =>
      void (client.socket as Socket).write(`${JSON.stringify({ type: name, data: { from: 'afar' } })}\f`);
    return { emitter: server, own: NODE_IPC_SERVER, send, settled: () => client.ping() };
  },
  async "a net-ipc client's"() {
    const server = new NetServer({ path: freshPath() });
    afterwards(() => server.close());
    await server.start();
    const client = new NetClient({ path: server.options.path });
    afterwards(() => client.destroy());
    await client.connect();
    const send = (name: string) => void server.connections[0]?.send({ type: name, event: name, pub: name });
    const own = ['ready', 'error', 'close', 'status', 'request', ...NODE];
    return { emitter: client, own, send, settled: () => client.ping() };
  },
  async "an ipc-server client's, which has subscribed to the names"() {
    const path = freshPath();
    const server = new IPCServer({ path });
    afterwards(() => server.close());
    await server.start();
    const [client, other] = [new IPCClient({ path }), new IPCClient({ path })];
    for (const one of [client, other]) {
      afterwards(() => one.destroy());
      await one.connect();
    }
    await client.subscribe(NAMES);
    const send = (name: string) => {
      if (name !== '*') void other.publish(name, { from: 'afar' });
    };
    const settled = () => other.ping().then(() => client.ping());
    return { emitter: client, own: ['ready', 'error', 'close', 'status', 'request', ...NODE], send, settled };
  },
  async "an ipc-server server's"() {
    const path = freshPath();
    const server = new IPCServer({ path });
    afterwards(() => server.close());
    await server.start();
    const client = new IPCClient({ path });
    afterwards(() => client.destroy());
    await client.connect();
    const send = (name: string) => {
      if (name !== '*') void client.publish(name, { from: 'afar' });
      void client.send({ pub: name, type: name });
    };
    const own = ['ready', 'error', 'connect', 'disconnect', 'close', 'request', ...NODE];
    return { emitter: server, own, send, settled: () => client.ping() };
  },
  async "a socket-ipc client's"() {
    const { server, client, id } = await topicPair();
    const settled = () => once(client, 'message.last');
    const send = (name: string) => server.send(name, { from: 'afar' }, id);
    const own = [
      'connect',
      'reconnect',
      'connectError',
      'disconnect',
      'close',
      'closed',
      'messageError',
      'error',
      ...NODE,
    ];
    return {
      emitter: client,
      own,
      send,
      settled: () => {
        server.send('last', 1, id);
        return settled();
      },
    };
  },
  async "a socket-ipc server's"() {
    const { server, client } = await topicPair();
    const own = [
      'listening',
      'connection',
      'connectionClose',
      'close',
      'closed',
      'messageError',
      'error',
      ...NODE,
    ];
    const send = (name: string) => client.send(name, { from: 'afar' });
    return {
      emitter: server,
      own,
      send,
      settled: () => {
        client.send('last', 1);
        return once(server, 'message.last');
      },
    };
  },
  async "a channel's"() {
    const directory = freshRendezvous();
    const [channel, other] = [0, 1].map(() => new Channel({ name: 'peers', directory })) as [
      Channel,
      Channel,
    ];
    for (const one of [channel, other]) {
      afterwards(() => one.close({ timeout: 0 }));
      await one.ready();
    }
    channel.on('error', () => {});
    const write = JSON.stringify;
    const send = (name: string) => {
      // A member that is not held to what emit() allows.
      const spy = spyOn(JSON, 'stringify').and.callFake(((value: { type?: string }, ...rest: []) =>
        write(value?.type === 'NAME' ? { ...value, type: name } : value, ...rest)) as typeof JSON.stringify);
      other.to(1).emit('NAME', { from: 'afar' });
      spy.and.callThrough();
      (JSON as { stringify: typeof JSON.stringify }).stringify = write;
    };
    const own = ['connect', 'disconnect', 'join', 'leave', 'hub', 'undelivered'];
    return { emitter: channel, own, send, settled: () => other.to(1).deliver('last', 1) };
  },
};

async function topicPair() {
  const options = { socketFile: freshPath() };
  const server = new TopicServer(options);
  const client = new TopicClient(options);
  afterwards(() => {
    client.close();
    server.close();
  });
  const came = once<[string]>(server, 'connection');
  const listening = once(server, 'listening');
  server.listen();
  await listening;
  const connected = once(client, 'connect');
  client.connect();
  const [id] = await came;
  await connected;
  return { server, client, id };
}

describe('A name that a peer has chosen is never the name of an event of the emitter itself', () => {
  for (const [what, make] of Object.entries(CASES)) {
    it(`among ${what}`, async () => {
      const triggered: string[] = [];
      await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
        const { emitter, own, send, settled } = await make();
        const listen = (name: string) =>
          (emitter as EventEmitter).on(name, (first: unknown) => {
            // An error of the engine's own may well be said, and that a listener was added by this spec.
            const ours = first instanceof Error || (NODE.includes(name) && typeof first === 'string');
            if (!ours) triggered.push(name);
          });
        for (const name of own) if (!NODE.includes(name) && name !== 'error') listen(name);
        for (const name of NODE) if (emitter instanceof EventEmitter) listen(name);
        triggered.length = 0;
        // Without a listener for it, an error that is emitted is thrown.
        for (const name of NAMES) send(name);
        await settled();
        if (own.includes('error')) listen('error');
        triggered.length = 0;
        for (const name of NAMES) send(name);
        await settled();
        expect(triggered).toEqual([]);
        expect(errors.calls.allArgs()).toEqual([]);
      });
      expect(({} as { from?: string }).from).toBeUndefined();
    });
  }
});
