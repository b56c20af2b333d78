import { once } from '../support/events.js';
import { freshIPC, local } from '../support/instances.js';
import { BareServer, barePeer } from '../support/peers.js';

describe('A peer that has used none of our additions', () => {
  it('may send an id in an event, which is delivered and not answered', async () => {
    const server = await local.serve();
    const moved = once(server, 'move');
    const peer = await barePeer(server);
    peer.emit('move', 2, { id: 7 });
    const [data, socket] = await moved;
    expect(data).toBe(2);
    server.emit(socket as never, 'after');
    expect((await peer.receive(1)).map(({ type }) => type)).toEqual(['after']);
  });

  it('may send a re in an event, which is delivered', async () => {
    const server = await local.serve();
    const moved = once(server, 'move');
    (await barePeer(server)).emit('move', 2, { re: 7, error: 'none of ours' });
    expect((await moved)[0]).toBe(2);
  });

  it('gets answers once it has used a type with a request handler', async () => {
    const server = await local.serve();
    const moved = jasmine.createSpy();
    server.on('move', moved);
    server.handle('add', ([a, b]: [number, number]) => a + b);
    const peer = await barePeer(server);
    peer.emit('add', [2, 40], { id: 'one' }).emit('move', 1, { id: 'two' });
    expect(await peer.receive(2)).toEqual([
      { type: 'add', data: 42, re: 'one' as never },
      jasmine.objectContaining({
        re: 'two' as never,
        error: jasmine.objectContaining({ code: 'ERR_IPC_NO_HANDLER' }),
      }),
    ]);
    expect(moved).not.toHaveBeenCalled();
  });

  it('counts as using them after a control packet', async () => {
    const server = await local.serve();
    server.on('move', () => {});
    const peer = await barePeer(server);
    peer.emit('ipc:ping', {}, { id: 1 }).emit('move', 1, { id: 2 });
    expect((await peer.receive(2)).map(({ re }) => re)).toEqual([1, 2]);
  });

  it('gets a refusal for a request without a handler or listener', async () => {
    const server = await local.serve();
    const peer = await barePeer(server);
    peer.emit('move', 1, { id: 2 });
    expect((await peer.receive(1))[0]?.error).toEqual(
      jasmine.objectContaining({ code: 'ERR_IPC_NO_HANDLER' }),
    );
  });

  it('may be a server', async () => {
    const server = await new BareServer().listen();
    const client = freshIPC().connectTo('world', server.path);
    const moved = jasmine.createSpy();
    client.on('move', moved);
    const last = once(client, 'last');
    const peer = await server.peer();
    peer.emit('move', 1, { id: 7 }).emit('move', 2, { re: 7 }).emit('last');
    await last;
    expect(moved.calls.allArgs()).toEqual([[1], [2]]);
    expect(peer.text).toBe('');
  });
});
