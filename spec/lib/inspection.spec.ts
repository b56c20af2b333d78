import { endsOf, listed } from '../../lib/inspection.js';
import { ipcError } from '../support/errors.js';
import { once } from '../support/events.js';
import { pair, tcp } from '../support/instances.js';

describe('An inspection', () => {
  it('describes a client and a server for tools, as plain data', async () => {
    const { server, client } = await pair();
    await client.subscribe(['weather.>', 'news'], () => {});
    await server.subscribe('orders.*', () => {});
    let answer: (value: unknown) => void = () => {};
    const begun = new Promise<void>((resolve) => {
      server.handle('slow', () => {
        resolve();
        return new Promise((settle) => {
          answer = settle;
        });
      });
    });
    const response = client.request('slow');
    await begun;
    const seen = JSON.parse(JSON.stringify([client.inspect(), server.inspect()]));
    expect(seen[0]).toEqual({
      kind: 'client',
      id: client.id,
      address: `unix:${server.path}`,
      dialect: 'json',
      status: 'ready',
      connections: 1,
      subscriptions: { total: 2, items: ['news', 'weather.>'] },
      requests: {
        total: 1,
        items: [{ id: 2, type: 'slow', kind: 'request', milliseconds: jasmine.any(Number) }],
      },
      answering: 0,
      queue: { packets: 0, bytes: 0 },
      stats: client.stats(),
    });
    const [socket] = server.sockets;
    expect(seen[1]).toEqual({
      kind: 'server',
      address: `unix:${server.path}`,
      listening: true,
      dialects: server.config.accept,
      peers: {
        total: 1,
        items: [
          {
            dialect: 'json',
            admitted: true,
            subscriptions: { total: 2, items: ['weather.>', 'news'] },
            requests: { total: 0, items: [] },
            answering: 1,
            stats: jasmine.objectContaining({ bytesIn: socket?.bytesRead }),
          },
        ],
      },
      subscriptions: { total: 1, items: ['orders.*'] },
      stats: server.stats(),
    });
    answer(1);
    await response;
    await client.close();
    expect(client.inspect().status).toBe('idle');
    await server.stop();
    expect(server.inspect().listening).toBeFalse();
  });

  it('has both addresses of a TCP connection, and the label that a peer gave itself', async () => {
    const { server, client } = await pair({ over: tcp });
    client.emit('hello', { id: 'me' });
    await once(server, 'hello');
    const { address, local, remote } = client.inspect();
    const [peer] = server.inspect().peers.items;
    expect(address).toBe(`tcp://127.0.0.1:${server.port}`);
    expect([peer?.remote, peer?.label]).toEqual([local, 'me']);
    expect(remote).toBe(`127.0.0.1:${server.port}`);
  });

  it('has the size of the queue of a connection', async () => {
    const { server, client } = await pair();
    const gone = once(client, 'disconnect');
    await server.stop();
    await gone;
    client.emit('later', 1);
    const { queue, status } = client.inspect();
    expect([queue.packets, status]).toEqual([1, 'reconnecting']);
    expect(queue.bytes).toBeGreaterThan(0);
  });

  it('has of each list as many entries as asked for, and its length', async () => {
    const { client } = await pair();
    await client.subscribe(['a', 'b', 'c'], () => {});
    expect(client.inspect({ limit: 2 }).subscriptions).toEqual({ total: 3, items: ['a', 'b'] });
    const many = Array.from({ length: 150 }, (_, index) => index);
    expect([listed(many).items.length, listed(many).total]).toEqual([100, 150]);
    expect(listed([1, 2], { limit: 1 }, String)).toEqual({ total: 2, items: ['1'] });
  });

  it('takes a limit from 0, and refuses every other value', async () => {
    const { server, client } = await pair();
    for (const inspected of [client, server]) {
      expect(() => inspected.inspect({ limit: 0 })).not.toThrow();
      expect(() => inspected.inspect({ limits: 2 } as never)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'limits'));
      for (const limit of ['x', -1, Number.NaN, null]) {
        expect(() => inspected.inspect({ limit: limit as never })).toThrow(
          ipcError('ERR_IPC_ARGUMENT', 'inspect(...) takes the maximum number of entries'),
        );
      }
    }
  });

  it('has both addresses of a socket, and truncates a label', () => {
    expect(endsOf({ address: '127.0.0.1', port: 9, id: 'x'.repeat(200) })).toEqual({
      remote: '127.0.0.1:9',
      label: 'x'.repeat(100),
    });
    expect(endsOf({ localAddress: '::1', localPort: 1, remoteAddress: '::1', remotePort: 2, id: 7 })).toEqual(
      {
        local: '[::1]:1',
        remote: '[::1]:2',
        label: '7',
      },
    );
    for (const none of [false, undefined, {}, { address: '::1' }, { port: 1 }, { id: {} }]) {
      expect(endsOf(none)).toEqual({});
    }
  });
});
