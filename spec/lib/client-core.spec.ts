import { type Packet, PING } from '../../entities/packet.js';
import { ClientCore } from '../../lib/client-core.js';
import type { Dialect } from '../../lib/dialects/dialect.js';
import { NodeIpcDialect } from '../../lib/dialects/node-ipc.js';
import { Waiters } from '../../lib/promises.js';
import type { Server } from '../../lib/server.js';
import { adapterConfig } from '../../services/adapter/config.js';
import { afterwards } from '../support/afterwards.js';
import { serverAt } from '../support/engines.js';
import { once } from '../support/events.js';
import { BareServer } from '../support/peers.js';
import { freshPath } from '../support/places.js';

describe('A client core', () => {
  function make(path: string, { dialect, ...settings }: { dialect?: Dialect; sync?: boolean } = {}) {
    const received: Packet[] = [];
    const delays: unknown[][] = [];
    const failures: unknown[] = [];
    const retrying = new Waiters<void>();
    const connected = new Waiters<void>();
    const arrived = new Waiters<void>();
    const address = { transport: 'unix', path } as const;
    const core = new ClientCore(
      {
        id: 'server',
        address,
        config: { ...adapterConfig({}), ...settings },
        log: () => {},
        keepsCalls: true,
        dialect,
      },
      {
        receive: (packet) => {
          received.push(packet);
          arrived.resolve();
        },
        failed: (error) => failures.push(error),
        retrying: () => retrying.resolve(),
        connected: () => connected.resolve(),
        delay: (...args) => {
          delays.push(args);
          return 5;
        },
      },
    );
    afterwards(() => core.destroy());
    const connect = () => {
      core.reconnector.connect();
      return core.reconnector.ready();
    };
    return { core, connect, received, delays, failures, retrying, connected, arrived };
  }

  async function serve(path: string): Promise<Server> {
    const server = serverAt(adapterConfig({}), path);
    afterwards(() => server.stop());
    await server.start();
    return server;
  }

  it('hands every packet to its API, also lifecycle names and requests, but none between connections', async () => {
    const path = freshPath();
    const server = await serve(path);
    const { core, connect, received, failures } = make(path);
    const accepted = once(server, 'connect');
    await connect();
    await accepted;
    server.broadcast('error', 1);
    server.survey('ask', 2, { timeout: 50 });
    server.publish('topic', 3);
    await core.ask(PING, undefined, {});
    expect(received.map(({ type, data }) => [type, data])).toEqual([
      ['error', 1],
      ['ask', 2],
    ]);
    expect(failures).toEqual([]);
  });

  it('waits between attempts as long as its API says', async () => {
    const path = freshPath();
    const { core, connect, delays, failures, retrying, connected } = make(path);
    core.reconnector.connect();
    await retrying.wait();
    await retrying.wait();
    expect(delays.slice(0, 2)).toEqual([
      [1, false],
      [2, false],
    ]);
    expect(failures.length).toBeGreaterThanOrEqual(2);
    const server = await serve(path);
    const accepted = once(server, 'connect');
    await connect();
    await accepted;
    const tries = delays.length;
    const back = connected.wait();
    for (const socket of server.sockets) socket.destroy();
    await back;
    expect(delays[tries]).toEqual([1, true]);
  });

  it('sends only while connected, or holds packets until then, as asked', async () => {
    const path = freshPath();
    const server = await serve(path);
    const { core, connect } = make(path);
    expect([core.open, core.sendNow({ type: 'a', data: 1 })]).toEqual([false, false]);
    expect(core.send({ type: 'b', data: 2 })).toBeTrue();
    const heard: string[] = [];
    server.on('*', (type) => heard.push(type));
    server.handle('ask', () => heard.splice(0));
    await connect();
    expect([core.open, core.sendNow({ type: 'c', data: 3 })]).toEqual([true, true]);
    expect(await core.ask('ask', undefined, { timeout: 0 })).toEqual(['connect', 'b', 'c']);
  });

  it('keeps its requests over a lost connection if that is wanted, and sends them once', async () => {
    const path = freshPath();
    const server = await serve(path);
    const { core, connect, connected } = make(path);
    let asked = 0;
    const came = new Promise<void>((resolve) => {
      server.handle('ask', () => {
        asked++;
        resolve();
        return new Promise(() => {});
      });
    });
    await connect();
    const answer = core.ask('ask', undefined, { timeout: 0 });
    await came;
    const back = connected.wait();
    for (const socket of server.sockets) socket.destroy();
    await back;
    await core.ask(PING, undefined, {});
    expect([asked, core.stats.openRequests]).toEqual([1, 1]);
    core.destroy();
    await expectAsync(answer).toBeRejectedWith(jasmine.objectContaining({ code: 'ERR_IPC_CLOSED' }));
  });

  it('confirms a topic message that has an id, and hands on one that no handler claims if its dialect makes an event of it', async () => {
    const bare = await new BareServer().listen();
    const dialect = Object.assign(new NodeIpcDialect('\f'), {
      unclaimed: (message: object) => ({ type: 'unclaimed', data: message }),
    });
    const { core, connect, received, failures } = make(bare.path, { dialect });
    await connect();
    const peer = await bare.peer();
    const claimed: unknown[] = [];
    void core.topics.subscribe('news', (data) => claimed.push(data)).catch(() => {});
    peer
      .emit('ipc:message', { topic: 'news', data: 1 }, { id: 7 })
      .emit('ipc:message', { topic: 'other', data: 2 });
    peer.emit('ipc:message', { topic: 'news', data: 3 }).emit('ipc:ping', 0, { id: 8 });
    const answers = (await peer.receive(3)).slice(1);
    expect(answers.map(({ type, re, data }) => [type, re, data])).toEqual([
      ['ipc:message', 7, {}],
      ['ipc:ping', 8, {}],
    ]);
    expect(claimed).toEqual([1, 3]);
    expect(received).toEqual([{ type: 'unclaimed', data: { topic: 'other', data: 2 } }]);
    expect(failures).toEqual([]);
  });

  it('with sync sends the next packet at once if all that waited were requests that are over', async () => {
    const bare = await new BareServer().listen();
    const { core, connect, arrived } = make(bare.path, { sync: true });
    await connect();
    const peer = await bare.peer();
    core.send({ type: 'first', data: 1 });
    const abort = new AbortController();
    const asked = core.ask('late', undefined, { timeout: 0, signal: abort.signal });
    abort.abort();
    await expectAsync(asked).toBeRejected();
    await peer.receive(1);
    const answered = arrived.wait();
    peer.emit('answer');
    await answered;
    core.send({ type: 'second', data: 2 });
    core.send({ type: 'third', data: 3 });
    core.ask(PING, undefined, {}).catch(() => {});
    await peer.until(() => peer.text.includes('ipc:ping'), 'the ping');
    expect(peer.packets.map(({ type }) => type).filter((type) => !type.startsWith('ipc:'))).toEqual([
      'first',
      'second',
    ]);
  });
});
