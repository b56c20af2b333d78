import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type Config, defaults } from '../../../entities/config.js';
import { NodeIpcDialect } from '../../../lib/dialects/node-ipc.js';
import { DatagramPipe } from '../../../lib/pipes/datagram-pipe.js';
import { DatagramSocket } from '../../../lib/pipes/datagram-socket.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { Listening } from '../../support/pipes.js';

describe('A datagram socket', () => {
  async function bound() {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    afterwards(() => socket.close());
    return { socket, endpoint: { address: '127.0.0.1', port: socket.address().port } };
  }

  function make(limits: Partial<Config> = {}) {
    const listener = new Listening();
    const errors: unknown[] = [];
    const shared: DatagramSocket = new DatagramSocket(
      new NodeIpcDialect('\f'),
      { ...defaults(), ...limits },
      {
        from: (address, port) => new DatagramPipe({ address, port }, shared, listener),
        misread: (error) => errors.push(error),
        failed: (error) => errors.push(error),
      },
    );
    return { shared, listener, errors };
  }

  it('holds what is sent before it is bound, and sends it then', async () => {
    const { shared } = make();
    const { socket: other, endpoint } = await bound();
    const arrived = once(other, 'message');
    shared.push('early', endpoint);
    shared.flush();
    expect(shared.stats.packetsOut).toBe(0);
    shared.attach((await bound()).socket);
    expect(String((await arrived)[0])).toBe('early');
    await shared.detach();
    expect(shared.stats).toEqual(jasmine.objectContaining({ packetsOut: 1, bytesOut: 5, pendingBytes: 0 }));
  });

  it('reads each datagram separately, and reports an incomplete rest', async () => {
    const { shared, listener, errors } = make();
    const { socket, endpoint } = await bound();
    const { socket: other } = await bound();
    shared.attach(socket);
    const came = once(socket, 'message');
    other.send('{"type":"a","data":1}\fhalf', endpoint.port, endpoint.address);
    await came;
    expect(listener.packets).toEqual([{ type: 'a', data: 1 }]);
    expect(errors).toEqual([ipcError('ERR_IPC_DECODE', 'whose delimiter never came')]);
  });

  it('reports an error of the socket, which would otherwise end the process', async () => {
    const { shared, errors } = make();
    const { socket } = await bound();
    shared.attach(socket);
    socket.emit('error', new Error('recvmsg EIO'));
    expect(errors).toEqual([ipcError('ERR_IPC_SOCKET', 'The UDP socket failed: recvmsg EIO')]);
  });

  it('holds at most maxPendingBytes until it is bound, and reports what it drops', async () => {
    const { shared, errors } = make({ maxPendingBytes: 100 });
    const { socket: other, endpoint } = await bound();
    const buffer = (size: number, fill: string) => Buffer.alloc(size, fill);
    expect(shared.push(buffer(101, 'a'), endpoint)).toBeFalse();
    expect(errors).toEqual([ipcError('ERR_IPC_TOO_LARGE', 'A message of 101 bytes is longer than')]);
    expect(shared.push(buffer(60, 'b'), endpoint)).toBeTrue();
    expect(shared.push(buffer(41, 'c'), endpoint)).toBeFalse();
    expect(errors.slice(1)).toEqual([
      ipcError('ERR_IPC_BACKPRESSURE', 'More than 100 bytes (config.maxPendingBytes) wait for the server'),
    ]);
    expect(shared.push(buffer(40, 'd'), endpoint)).toBeTrue();
    const drained = jasmine.createSpy();
    shared.sent(drained);
    expect([shared.stats.bytesOut, drained.calls.count(), errors.length]).toEqual([0, 0, 2]);
    const arrived = new Promise<string[]>((resolve) => {
      const texts: string[] = [];
      other.on('message', (bytes) => {
        texts.push(String(bytes));
        if (texts.length === 2) resolve(texts);
      });
    });
    const before = Date.now();
    shared.attach((await bound()).socket);
    expect(shared.stats.since).toBeGreaterThanOrEqual(before);
    expect(await arrived).toEqual(['b'.repeat(60), 'd'.repeat(40)]);
    await shared.detach();
    expect(drained).toHaveBeenCalledTimes(1);
    // What is sent now waits for the next socket, and as much of it as before.
    expect(shared.push(buffer(100, 'e'), endpoint)).toBeTrue();
    expect([shared.push('f', endpoint), shared.stats.packetsOut]).toEqual([true, 2]);
    shared.flush();
    expect(errors.slice(2)).toEqual([ipcError('ERR_IPC_BACKPRESSURE')]);
  });

  it('sends the longest datagram of IPv4, and reports a longer one', async () => {
    const { shared, errors } = make();
    const { socket: other, endpoint } = await bound();
    shared.attach((await bound()).socket);
    expect(shared.push(Buffer.alloc(65_508), endpoint)).toBeFalse();
    expect(errors).toEqual([
      ipcError('ERR_IPC_TOO_LARGE', 'A packet of 65508 bytes does not fit a datagram of 65507;'),
    ]);
    const arrived = once(other, 'message');
    expect(shared.push(Buffer.alloc(65_507), endpoint)).toBeTrue();
    expect(shared.stats).toEqual(
      jasmine.objectContaining({ packetsOut: 1, bytesOut: 65_507, pendingBytes: 65_507 }),
    );
    expect((await arrived)[0].length).toBe(65_507);
    await shared.detach();
    expect([shared.stats.pendingBytes, errors.length]).toEqual([0, 1]);
  });

  it('counts what came, in bytes and in packets', async () => {
    const { shared, listener } = make();
    const { socket, endpoint } = await bound();
    const { socket: other } = await bound();
    shared.attach(socket);
    const came = once(socket, 'message');
    const text = '{"type":"a","data":1}\f{"type":"b","data":2}\f';
    other.send(text, endpoint.port, endpoint.address);
    await came;
    expect(shared.stats).toEqual(jasmine.objectContaining({ packetsIn: 2, bytesIn: text.length }));
    expect(listener.packets.map(({ type }) => type)).toEqual(['a', 'b']);
  });

  it('reports what a socket cannot send that the program has closed, and continues', async () => {
    const { shared, errors } = make();
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    shared.attach(socket);
    socket.close();
    expect(shared.push(Buffer.from('late'), { address: '127.0.0.1', port: 9 })).toBeFalse();
    expect(errors).toEqual([
      ipcError('ERR_IPC_SOCKET', 'A datagram to 127.0.0.1:9 was not sent: Not running'),
    ]);
    expect(shared.stats.pendingBytes).toBe(0);
    const drained = jasmine.createSpy();
    shared.sent(drained);
    expect(drained).toHaveBeenCalledTimes(1);
  });
});
