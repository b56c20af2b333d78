import { EventEmitter } from 'node:events';
import { IPCError } from '../../../entities/errors.js';
import { DEFAULT_LIMITS, tooDeep } from '../../../entities/limits.js';
import type { Packet } from '../../../entities/packet.js';
import type { PeerSocket } from '../../../entities/sockets.js';
import { undecodable } from '../../../lib/dialects/too-deep.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { freshIPC, local } from '../../support/instances.js';
import { barePeer } from '../../support/peers.js';

/** Arrays in arrays. */
function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

describe('Data that nest deeper than the receiver allows', () => {
  for (const codec of ['json', 'msgpack']) {
    it(`reject the request that sends them, over ${codec}`, async () => {
      const server = await local.serve({ maxDepth: 10 });
      const ran = jasmine.createSpy();
      server.handle('deep', ran);
      const reported = once(server, 'error');
      const client = await freshIPC({ codec }).connectTo('world', server.path).ready();
      await expectAsync(client.request('deep', nested(20))).toBeRejectedWith(
        ipcError('ERR_IPC_TOO_DEEP', 'more than 10 levels deep (config.maxDepth)'),
      );
      expect((await reported)[0]).toEqual(ipcError('ERR_IPC_TOO_DEEP'));
      expect(ran).not.toHaveBeenCalled();
    });

    it(`reject the request that they answer, over ${codec}`, async () => {
      const server = await local.serve();
      server.handle('deep', () => nested(20));
      const client = await freshIPC({ codec, maxDepth: 10 }).connectTo('world', server.path).ready();
      await expectAsync(client.request('deep')).toBeRejectedWith(ipcError('ERR_IPC_TOO_DEEP'));
    });

    it(`reject the request of a server, over ${codec}`, async () => {
      const server = await local.serve();
      const connected = once(server, 'connect');
      const client = await freshIPC({ codec, maxDepth: 10 }).connectTo('world', server.path).ready();
      client.handle('deep', () => 1);
      const [socket] = await connected;
      await expectAsync(server.request(socket as PeerSocket, 'deep', nested(20))).toBeRejectedWith(
        ipcError('ERR_IPC_TOO_DEEP'),
      );
    });

    it(`end only the stream that has them as an item, over ${codec}`, async () => {
      const server = await local.serve();
      const client = await freshIPC({ codec, maxDepth: 10 }).connectTo('world', server.path).ready();
      const disconnected = jasmine.createSpy();
      client.on('disconnect', disconnected);
      const handler = new EventEmitter();
      const left = once(handler, 'abort');
      server.handle('mixed', async function* (_data, _socket, { signal }) {
        signal.addEventListener('abort', () => handler.emit('abort', signal.reason));
        yield 1;
        yield nested(20);
        for (;;) yield 2;
      });
      server.handle('count', () => 1);
      const items = client.stream('mixed');
      expect(await items.next()).toEqual({ done: false, value: 1 });
      await expectAsync(items.next()).toBeRejectedWith(ipcError('ERR_IPC_TOO_DEEP', 'config.maxDepth'));
      expect((await items.next()).done).toBeTrue();
      expect(await left).toEqual([ipcError('ERR_IPC_ABORTED')]);
      expect(await client.stream('count').next()).toEqual({ done: false, value: 1 });
      expect(disconnected).not.toHaveBeenCalled();
    });

    it(`end only the body that has them as an item, over ${codec}`, async () => {
      const server = await local.serve({ maxDepth: 10 });
      const disconnected = jasmine.createSpy();
      server.on('disconnect', disconnected);
      server.handle('sum', async (_data, _socket, { body }) => {
        let sum = 0;
        for await (const item of body) sum += item as number;
        return sum;
      });
      const client = await freshIPC({ codec }).connectTo('world', server.path).ready();
      const source = new EventEmitter();
      const ended = once(source, 'end');
      const body = function* () {
        try {
          yield 1;
          yield nested(20);
          for (;;) yield 2;
        } finally {
          source.emit('end');
        }
      };
      const refused = client.stream('sum', undefined, { body: body() });
      await expectAsync(refused.next()).toBeRejectedWith(ipcError('ERR_IPC_TOO_DEEP', 'config.maxDepth'));
      await ended;
      const answer = client.stream('sum', undefined, { body: [1, 2] });
      expect(await answer.next()).toEqual({ done: false, value: 3 });
      expect(disconnected).not.toHaveBeenCalled();
    });
  }

  it('are not answered if their id is that of a foreign event, and do not settle a request that was not made', async () => {
    const server = await local.serve({ maxDepth: 10 });
    const codes: string[] = [];
    server.on('error', ({ code }) => codes.push(code));
    const heard = once(server, 'last');
    const peer = await barePeer(server);
    peer.emit('move', nested(20), { id: 7 }).emit('move', nested(20), { re: 7 }).emit('last', 1);
    const [, socket] = await heard;
    server.emit(socket as PeerSocket, 'after', 1);
    expect(await peer.receive(1)).toEqual([{ type: 'after', data: 1 }]);
    expect(codes).toEqual(['ERR_IPC_TOO_DEEP', 'ERR_IPC_TOO_DEEP']);
  });
});

describe('The packet of a frame that cannot be decoded', () => {
  const deep = tooDeep(DEFAULT_LIMITS);
  const packet: Packet = { type: 'a', data: [1], id: 5 };

  it('keeps the ids of a frame that only nests too deep, and drops its data', () => {
    expect(undecodable('A frame', 3, deep, DEFAULT_LIMITS, () => packet)).toEqual({
      type: 'a',
      data: undefined,
      id: 5,
      re: undefined,
      error: deep,
    });
  });

  it('keeps the stream and the number of an item, and drops the item', () => {
    const item = { type: 'ipc:item', data: { id: 3, seq: 2, item: [1], full: true } };
    expect(undecodable('A frame', 3, deep, DEFAULT_LIMITS, () => item)).toEqual({
      type: 'ipc:item',
      data: { id: 3, re: undefined, seq: 2 },
      error: deep,
    });
  });

  it('only reports a frame that is malformed, or nests deeper than any limit', () => {
    const decode = jasmine.createSpy<(limits: unknown) => Packet>().and.returnValue(packet);
    const malformed = undecodable('A frame', 3, new Error('no'), DEFAULT_LIMITS, decode);
    expect(malformed).toEqual({
      type: '',
      data: undefined,
      error: ipcError('ERR_IPC_DECODE', 'A frame') as never,
    });
    const most = { ...DEFAULT_LIMITS, maxDepth: 2000 };
    expect(undecodable('A frame', 3, deep, most, decode)).toEqual({ type: '', data: undefined, error: deep });
    expect(decode).not.toHaveBeenCalled();
    const failing = () => ({ ...packet, error: new IPCError('ERR_IPC_TOO_DEEP', 'still') });
    const stillDeep = undecodable('A frame', 3, deep, DEFAULT_LIMITS, failing);
    expect(stillDeep).toEqual({ type: '', data: undefined, error: deep });
  });
});
