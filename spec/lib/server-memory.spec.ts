import type { Socket } from 'node:net';
import type { IPCError } from '../../entities/errors.js';
import type { Server } from '../../lib/server.js';
import { ipcError } from '../support/errors.js';
import { once } from '../support/events.js';
import { join, local } from '../support/instances.js';
import { barePeer, type Peer } from '../support/peers.js';

const MEBIBYTE = 1024 * 1024;
const LIMITS = { maxTotalBytes: 2 * MEBIBYTE };

/** The next error of a server, and the socket of the client that it is about. */
function cutOff(server: Server): Promise<[IPCError, Socket | undefined]> {
  return once<[IPCError, Socket | undefined]>(server, 'error');
}

/** Subscribes to many long topics. */
function subscribe(peer: Peer, count: number): void {
  const topics = Array.from({ length: count }, (_, i) => `${i}`.padEnd(1000, 't'));
  peer.emit('ipc:subscribe', topics, { id: 1 });
}

describe('config.maxTotalBytes', () => {
  it('bounds the memory of topics: the client with the most gets the reason, and is disconnected', async () => {
    const server = await local.serve(LIMITS);
    const client = await join(local, server);
    const few = await barePeer(server);
    subscribe(few, 100);
    await few.receive(1);
    const failed = cutOff(server);
    const many = await barePeer(server);
    subscribe(many, 900);
    const [error] = await failed;
    expect(error).toEqual(ipcError('ERR_IPC_OVERLOADED', 'config.maxTotalBytes'));
    await many.ended();
    const { type, data } = many.packets.at(-1) as { type: string; data: unknown };
    expect([type, data]).toEqual([
      'ipc:bye',
      { reason: jasmine.stringContaining('memory'), reconnect: true, code: 'ERR_IPC_OVERLOADED' },
    ]);
    await client.ping();
    few.emit('ipc:ping', {}, { id: 2 });
    await few.receive(2);
  });

  it('bounds the queues of clients that do not read, however little each of them holds', async () => {
    const server = await local.serve(LIMITS);
    const client = await join(local, server);
    const deaf = await Promise.all(Array.from({ length: 6 }, () => barePeer(server)));
    for (const { socket } of deaf) socket.pause();
    const failed = cutOff(server);
    let codes = 0;
    server.on('error', () => codes++);
    const heard = once(client, 'last');
    for (let i = 0; i < 20; i++) {
      server.broadcast('news', 'x'.repeat(60_000));
      await client.ping();
    }
    server.broadcast('last');
    await heard;
    expect((await failed)[0]).toEqual(ipcError('ERR_IPC_OVERLOADED'));
    expect(codes).toBeGreaterThan(1);
    expect(server.stats().pendingBytes).toBeLessThan(LIMITS.maxTotalBytes);
  });

  it('bounds unfinished messages', async () => {
    const server = await local.serve(LIMITS);
    const failed = cutOff(server);
    const peers = await Promise.all(Array.from({ length: 3 }, () => barePeer(server)));
    const left = once(server, 'disconnect');
    for (const peer of peers) peer.write(`{"type":"x","data":"${'x'.repeat(0.8 * MEBIBYTE)}`);
    expect((await failed)[0]).toEqual(ipcError('ERR_IPC_OVERLOADED'));
    await left;
    expect(server.sockets.length).toBe(2);
  });

  it('bounds the answers that are kept for clients, connected or away, with the overhead of each', async () => {
    const server = await local.serve({ maxTotalBytes: MEBIBYTE });
    server.handle('small', () => 1);
    const errors: [IPCError, Socket | undefined][] = [];
    server.on('error', (error, socket) => errors.push([error as IPCError, socket as Socket | undefined]));
    for (const session of ['away', 'here']) {
      const peer = await barePeer(server);
      peer.emit('ipc:hello', { session, secret: session, retries: true });
      for (let id = 1; id <= 1800; id++) peer.emit('small', {}, { id });
      await peer.until(() => peer.text.includes('"re":1800') || errors.length > 0, 'the last answer');
      const left = once(server, 'disconnect');
      if (session === 'away') {
        peer.socket.end();
        await left;
      }
    }
    expect(errors.map(([{ code }]) => code)).toEqual(['ERR_IPC_OVERLOADED']);
    const [[error, socket]] = errors as [[IPCError, Socket | undefined]];
    expect([error.message.includes('forgotten'), socket]).toEqual([true, undefined]);
  });

  it('forgets the answers that are kept for a client that it disconnects because of them', async () => {
    const server = await local.serve({ maxTotalBytes: MEBIBYTE / 2 });
    let handled = 0;
    server.handle('small', () => ++handled);
    const errors: [IPCError, Socket | undefined][] = [];
    server.on('error', (error, socket) => errors.push([error as IPCError, socket as Socket | undefined]));
    const connected = once<[Socket]>(server, 'connect');
    const hello = { session: 's', secret: 's', retries: true };
    const peer = await barePeer(server);
    const [socket] = await connected;
    const left = once(server, 'disconnect');
    peer.emit('ipc:hello', hello);
    for (let id = 1; id <= 3000; id++) peer.emit('small', {}, { id });
    await Promise.all([peer.ended(), left]);
    const before = handled;
    const again = await barePeer(server);
    again.emit('ipc:hello', hello).emit('small', {}, { id: 1 });
    expect((await again.receive(1)).filter(({ re }) => re === 1)).toEqual([
      { type: 'small', data: before + 1, re: 1 },
    ]);
    expect(errors).toEqual([[ipcError('ERR_IPC_OVERLOADED', 'it is disconnected'), socket]]);
  });

  it('bounds requests whose handlers do not respond', async () => {
    const server = await local.serve(LIMITS);
    server.handle('never', () => new Promise(() => {}));
    const failed = cutOff(server);
    const peer = await barePeer(server);
    for (let id = 1; id <= 2200; id++) peer.emit('never', {}, { id });
    expect((await failed)[0]).toEqual(ipcError('ERR_IPC_OVERLOADED'));
    await peer.ended();
  });

  it('limits the bodies of streams that are not read', async () => {
    const server = await local.serve(LIMITS);
    server.handle('swallow', async (_data, _socket, { body }) => {
      await body.next();
      await new Promise(() => {});
    });
    const failed = cutOff(server);
    for (let i = 0; i < 4; i++) {
      const peer = await barePeer(server);
      peer.emit('ipc:stream', { type: 'swallow', items: 1, bytes: 1, body: true }, { id: 1 });
      await peer.until(() => /"items":[1-9]/.test(peer.text), 'credit');
      for (let seq = 1; seq <= 6; seq++) peer.emit('ipc:item', { id: 1, seq, item: 'x'.repeat(130_000) });
    }
    expect((await failed)[0]).toEqual(ipcError('ERR_IPC_OVERLOADED'));
  });

  it('sets no limit if it is Infinity', async () => {
    const server = await local.serve({ maxTotalBytes: Number.POSITIVE_INFINITY });
    const peer = await barePeer(server);
    subscribe(peer, 2000);
    expect((await peer.receive(1))[0]?.data).toEqual({ result: true });
  });
});
