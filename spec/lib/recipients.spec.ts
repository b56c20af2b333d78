import type { Socket } from 'node:net';
import type { PeerSocket } from '../../entities/sockets.js';
import type { Server } from '../../lib/server.js';
import { ipcError } from '../support/errors.js';
import { heard, once } from '../support/events.js';
import { freshIPC, local, type Settings } from '../support/instances.js';
import { barePeer, type Peer } from '../support/peers.js';

describe('A client’s id, on a server,', () => {
  async function withClients(count: number, settings?: Settings) {
    const server = await local.serve(settings);
    const peers: Peer[] = [];
    const sockets: PeerSocket[] = [];
    for (let i = 0; i < count; i++) {
      const came = once<[Socket]>(server, 'connect');
      peers.push(await barePeer(server));
      sockets.push((await came)[0]);
    }
    return { server, peers, sockets };
  }

  /** What a peer has received, up to an answer to a ping, which comes after everything before it. */
  async function received(peer: Peer): Promise<unknown[]> {
    peer.emit('ipc:ping', 0, { id: 1 });
    await peer.until(() => peer.packets.some(({ type }) => type === 'ipc:ping'), 'answer to a ping');
    return peer.packets.filter(({ type }) => type !== 'ipc:ping').map(({ data }) => data);
  }

  it('addresses its socket, as the label that the client gave itself', async () => {
    const { server, peers } = await withClients(2);
    const labelled = heard(server, 'hello', 2);
    peers[0]?.emit('hello', { id: 'one' });
    peers[1]?.emit('hello', { id: 7 });
    await labelled;
    expect(server.emit('one', 'message', 1)).toBeTrue();
    expect([server.emit(7, 'message', 2), server.emit('7', 'message', 3)]).toEqual([true, true]);
    expect(await Promise.all(peers.map(received))).toEqual([[1], [2, 3]]);
    const reply = server.request('one', 'question', 5);
    await peers[0]?.receive(3);
    peers[0]?.emit('question', 10, { re: peers[0].packets.at(-1)?.id as number });
    expect(await reply).toBe(10);
    const gone = once(server, 'disconnect');
    server.close(7, 'that is all');
    await gone;
    expect(server.sockets.length).toBe(1);
  });

  it('is the one that the server assigns', async () => {
    const { server, peers, sockets } = await withClients(2, { identifyPeer: false });
    const [first, second] = sockets as [PeerSocket, PeerSocket];
    first.id = 'given';
    second.id = 'other';
    const came = once(server, 'hello');
    peers[1]?.emit('hello', { id: 'given' });
    await came;
    server.emit('given', 'message', 'secret');
    expect(await Promise.all(peers.map(received))).toEqual([['secret'], []]);
  });

  it('means the latest client if several have it', async () => {
    const { server, peers, sockets } = await withClients(3);
    for (const socket of sockets.slice(0, 2)) socket.id = 'twin';
    server.emit('twin', 'message', 1);
    expect(await Promise.all(peers.map(received))).toEqual([[], [1], []]);
  });

  it('is reported if no client has it', async () => {
    const { server } = await withClients(1);
    const errors = heard(server, 'error', 2);
    expect(server.emit('nobody\n', 'message', 1)).toBeFalse();
    expect(server.emit('', 'message', 1)).toBeFalse();
    const [error] = (await errors) as [Error];
    expect(error).toEqual(ipcError('ERR_IPC_DISCONNECTED', "'nobody\\n', which no client has as its id"));
    await expectAsync(server.request('nobody', 'question')).toBeRejectedWith(
      ipcError('ERR_IPC_DISCONNECTED'),
    );
  });

  it('excludes clients from a broadcast, as their sockets do', async () => {
    const { server, peers, sockets } = await withClients(4);
    const [first, second, third] = sockets as [PeerSocket, PeerSocket, PeerSocket];
    first.id = 'one';
    second.id = 2;
    expect(server.broadcast('message', 'a', { except: 'one' })).toBe(server);
    server.broadcast('message', 'b', { except: [first, 2, third] });
    server.broadcast('message', 'c', { except: [] });
    server.broadcast('message', 'd', {}).broadcast('message', 'e', null);
    second.id = 'one';
    server.broadcast('message', 'f', { except: ['one', 'nobody', undefined as never] });
    expect(await Promise.all(peers.map(received))).toEqual([
      ['c', 'd', 'e'],
      ['a', 'c', 'd', 'e'],
      ['a', 'c', 'd', 'e', 'f'],
      ['a', 'b', 'c', 'd', 'e', 'f'],
    ]);
  });

  it('excludes clients from a broadcast of bytes', async () => {
    const { server, peers, sockets } = await withClients(2, { rawBuffer: true });
    server.broadcast('bytes', undefined, { except: sockets[0] });
    server.broadcast('all');
    await Promise.all(peers.map((peer) => peer.until(() => peer.text.endsWith('all'), 'last bytes')));
    expect(peers.map(({ text }) => text)).toEqual(['all', 'bytesall']);
  });

  it('is refused if the options have an unknown key', async () => {
    const { server, sockets } = await withClients(1);
    const broadcast = (options: unknown) => () => server.broadcast('message', 1, options as never);
    expect(broadcast({ excpet: sockets[0] })).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'does not know excpet; did you mean except?'),
    );
  });
});

describe('A client’s id, over UDP,', () => {
  it('reaches one peer, and none if no peer has it', async () => {
    const server = freshIPC().serveNet('127.0.0.1', 0, 'udp4') as unknown as Server;
    await server.start();
    const others = [freshIPC(), freshIPC()].map((ipc) => ipc.serveNet('127.0.0.1', 0, 'udp4'));
    for (const [i, other] of others.entries()) {
      await other.start();
      const came = once(server, 'hello');
      other.emit({ address: '127.0.0.1', port: server.port as number }, 'hello', { id: `peer ${i}` });
      await came;
    }
    const data: unknown[] = [];
    for (const other of others) other.on('message', (message) => data.push(message));
    const last = Promise.all(others.map((other) => once(other, 'last')));
    const reported = once(server, 'error');
    expect(server.emit('nobody', 'message', 'all')).toBeFalse();
    expect((await reported)[0]).toEqual(ipcError('ERR_IPC_DISCONNECTED'));
    server.emit('peer 1', 'message', 'one');
    server.broadcast('message', 'but one', { except: 'peer 1' });
    server.broadcast('last');
    await last;
    expect(data.sort()).toEqual(['but one', 'one']);
  });
});
