import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { defaults } from '../../../entities/config.js';
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

  function make() {
    const listener = new Listening();
    const errors: unknown[] = [];
    const shared: DatagramSocket = new DatagramSocket(new NodeIpcDialect('\f'), defaults(), {
      from: (address, port) => new DatagramPipe({ address, port }, shared, listener),
      misread: (error) => errors.push(error),
      failed: (error) => errors.push(error),
    });
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
});
