import type { Socket } from 'node:net';
import type { IPCError } from '../../entities/errors.js';
import type { PacketId } from '../../entities/packet.js';
import { NodeIpcDialect } from '../../lib/dialects/node-ipc.js';
import { OfflineQueue } from '../../lib/offline-queue.js';
import type { BytePipe } from '../../lib/pipes/byte-pipe.js';
import { ipcError } from '../support/errors.js';
import { once } from '../support/events.js';
import { freshIPC } from '../support/instances.js';
import { BareServer, type Peer } from '../support/peers.js';
import { bytePipe } from '../support/pipes.js';
import { socketPair } from '../support/sockets.js';

const UNLIMITED = Number.POSITIVE_INFINITY;
const json = new NodeIpcDialect('\f');

describe('Packets that are held', () => {
  let failures: [IPCError, PacketId | undefined][];
  let peer: Peer;
  let socket: Socket;
  let pipe: BytePipe;
  const all = () => true;
  const fresh = (dialect: NodeIpcDialect | undefined) => {
    return new OfflineQueue(dialect, (error, id) => failures.push([error, id]));
  };

  beforeEach(async () => {
    failures = [];
    ({ socket, peer } = await socketPair());
    pipe = bytePipe(socket);
  });

  for (const [what, dialect] of [
    ['as bytes', json],
    ['as copies', undefined],
  ] as const) {
    describe(what, () => {
      it('are sent as they were, in their order', async () => {
        const holding = fresh(dialect);
        const data = { list: [1] };
        expect(holding.push({ type: 'a', data }, UNLIMITED)).toBeTrue();
        data.list.push(2);
        expect(holding.push({ type: 'b', data: 'ä', id: 7 }, UNLIMITED)).toBeTrue();
        expect(holding.length).toBe(2);
        expect(holding.release(pipe, all)).toBe(2);
        expect(await peer.receive(2)).toEqual([
          { type: 'a', data: { list: [1] } },
          { type: 'b', data: 'ä', id: 7 },
        ]);
        expect([holding.length, holding.size]).toEqual([0, 0]);
      });

      it('are limited in bytes, not characters', () => {
        const holding = fresh(dialect);
        holding.push({ type: 'a', data: '€'.repeat(1000) }, UNLIMITED);
        const { size } = holding;
        expect(size).toBeGreaterThan(dialect === undefined ? 2000 : 3000);
        expect(holding.push({ type: 'a', data: '€'.repeat(1000) }, 2 * size - 1)).toBeFalse();
        expect([holding.length, holding.size]).toEqual([1, size]);
        expect(holding.push({ type: 'a', data: '€'.repeat(1000) }, 2 * size)).toBeTrue();
        expect([holding.length, holding.size]).toEqual([2, 2 * size]);
      });

      it('are refused at once if they cannot be encoded', () => {
        const circle: { self?: unknown } = {};
        circle.self = circle;
        const holding = fresh(dialect);
        expect(() => holding.push({ type: 'a', data: circle }, UNLIMITED)).toThrow(
          ipcError('ERR_IPC_ENCODE'),
        );
        expect([holding.length, holding.size]).toEqual([0, 0]);
      });
    });
  }

  it('are skipped if they are requests whose callers have stopped waiting', async () => {
    const holding = fresh(json);
    for (const id of [1, undefined, 2, 3]) holding.push({ type: 'a', data: id ?? 'event', id }, UNLIMITED);
    expect(holding.ids()).toEqual(new Set([1, 2, 3]));
    expect(holding.release(pipe, (id) => id === 2)).toBe(2);
    expect((await peer.receive(2)).map(({ data }) => data)).toEqual(['event', 2]);
    expect([holding.length, holding.size]).toEqual([0, 0]);
  });

  it('are sent a few at a time, and a skipped one does not count', async () => {
    const holding = fresh(json);
    for (const id of [1, 2, 3, 4]) holding.push({ type: 'a', data: id, id }, UNLIMITED);
    expect(holding.release(pipe, (id) => id !== 1, 1)).toBe(1);
    expect(holding.ids()).toEqual(new Set([3, 4]));
    expect((await peer.receive(1)).map(({ data }) => data)).toEqual([2]);
    expect(holding.release(pipe, () => false, 1)).toBe(0);
    expect(holding.length).toBe(0);
  });

  it('are sent one by one in their order, however many there are', async () => {
    const holding = fresh(json);
    const count = 40_000;
    for (let data = 0; data < count; data++) holding.push({ type: 'a', data }, UNLIMITED);
    let released = 0;
    while (holding.release(pipe, all, 1) === 1) released++;
    expect(released).toBe(count);
    expect(holding.size).toBe(0);
    const packets = await peer.receive(count);
    expect(packets.every(({ data }, index) => data === index)).toBeTrue();
  });

  it('are reported if they turn out to be unsendable, and the others are sent', async () => {
    const holding = fresh(undefined);
    holding.push({ type: 'a', data: 1n }, UNLIMITED);
    holding.push({ type: 'b', data: { deep: [1n] }, id: 4 }, UNLIMITED);
    holding.push({ type: 'c', data: 1 }, UNLIMITED);
    expect(holding.release(pipe, all)).toBe(1);
    expect(failures).toEqual([
      [ipcError('ERR_IPC_ENCODE'), undefined],
      [ipcError('ERR_IPC_ENCODE'), 4],
    ]);
    expect(await peer.receive(1)).toEqual([{ type: 'c', data: 1 }]);
  });

  it('are counted: how many wait, and how many have left the queue in whatever way', () => {
    const queue = fresh(json);
    const counts = () => [queue.length, queue.size, queue.passed, queue.refused];
    expect(counts()).toEqual([0, 0, 0, 0]);
    const size = '{"type":"a","data":1}\f'.length;
    for (const id of [1, 2]) queue.push({ type: 'a', data: 1 }, id * size);
    expect(counts()).toEqual([2, 2 * size, 0, 0]);
    expect(queue.push({ type: 'a', data: 12 }, 3 * size)).toBeFalse();
    expect(counts()).toEqual([2, 2 * size, 0, size + 1]);
    queue.keepSent(size);
    queue.release(pipe, all, 1);
    expect(counts()).toEqual([1, size, 1, size + 1]);
    queue.restoreSent();
    expect(counts()).toEqual([2, 2 * size, 0, size + 1]);
    queue.keepSent(2 * size - 1);
    queue.release(pipe, all);
    queue.restoreSent();
    expect(counts()).toEqual([0, 0, 2, size + 1]);
    queue.push({ type: 'a', data: 1, id: 1 }, UNLIMITED);
    queue.release(pipe, () => false);
    queue.push({ type: 'a', data: 1 }, UNLIMITED);
    queue.clear();
    expect(counts()).toEqual([0, 0, 4, size + 1]);
  });

  it('can be discarded', () => {
    const holding = fresh(json);
    for (let i = 0; i < 3; i++) holding.push({ type: 'a', data: i }, UNLIMITED);
    holding.release(pipe, all, 1);
    expect(holding.clear()).toBe(2);
    expect([holding.length, holding.size, holding.release(pipe, all)]).toEqual([0, 0, 0]);
  });

  it('can be taken over, except requests', async () => {
    const [one, other] = [fresh(json), fresh(json)];
    one.push({ type: 'a', data: 1 }, UNLIMITED);
    other.push({ type: 'b', data: 2, id: 1 }, UNLIMITED);
    other.push({ type: 'c', data: 3 }, UNLIMITED);
    one.adopt(other);
    expect([other.length, other.size]).toEqual([0, 0]);
    one.release(pipe, all);
    expect((await peer.receive(2)).map(({ type }) => type)).toEqual(['a', 'c']);
    expect(one.size).toBe(0);
  });

  it('are not taken over if they are held in another form', () => {
    const [bytes, copies] = [fresh(json), fresh(undefined)];
    copies.push({ type: 'a', data: 1 }, UNLIMITED);
    bytes.adopt(copies);
    expect([bytes.length, copies.length]).toEqual([0, 1]);
  });

  it('are queued again, before later messages, if the peer has not read those that were sent', async () => {
    const queue = fresh(json);
    queue.push({ type: 'a', data: 1 }, UNLIMITED);
    queue.keepSent(UNLIMITED);
    queue.release(pipe, all);
    queue.push({ type: 'b', data: 2 }, UNLIMITED);
    queue.restoreSent();
    expect(queue.length).toBe(2);
    queue.restoreSent();
    expect(queue.release(pipe, all)).toBe(2);
    expect((await peer.receive(3)).map(({ type }) => type)).toEqual(['a', 'a', 'b']);
    expect([queue.length, queue.size]).toEqual([0, 0]);
  });

  it('are not queued again once the peer has read them, or if they exceed the limit', () => {
    const queue = fresh(json);
    const send = () => {
      queue.push({ type: 'a', data: 'x'.repeat(100) }, UNLIMITED);
      queue.release(pipe, all);
    };
    send();
    queue.restoreSent();
    queue.keepSent(UNLIMITED);
    send();
    queue.forgetSent();
    queue.restoreSent();
    queue.keepSent(150);
    send();
    send();
    queue.restoreSent();
    expect(queue.length).toBe(0);
  });
});

describe('A client that holds packets', () => {
  it('continues in sync mode although a held request has timed out', async () => {
    const server = new BareServer();
    const client = freshIPC({ sync: true, retry: 1 }).connectTo('world', server.path);
    const timedOut = client.request('late', undefined, { timeout: 1 });
    client.emit('next', 1);
    await expectAsync(timedOut).toBeRejectedWith(ipcError('ERR_IPC_TIMEOUT'));
    await server.listen();
    expect(await (await server.peer()).receive(1)).toEqual([{ type: 'next', data: 1 }]);
  });

  it('reports packets that it cannot send after all, and continues', async () => {
    const server = await new BareServer().listen();
    const client = freshIPC({ codec: 'msgpack' }).connectTo('world', server.path);
    const failed = once(client, 'error');
    const asked = client.request('big', 1n);
    client.emit('big', 1n);
    client.emit('next', new URL('http://localhost/'));
    const peer = await server.peer();
    await peer.receive(1);
    peer.emit('ipc:welcome', { id: 'x' });
    expect((await failed)[0]).toEqual(ipcError('ERR_IPC_ENCODE'));
    await expectAsync(asked).toBeRejectedWith(ipcError('ERR_IPC_ENCODE'));
    expect((await peer.receive(2))[1]).toEqual({ type: 'next', data: 'http://localhost/' });
  });
});
