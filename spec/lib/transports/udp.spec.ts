import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { UdpAddress } from '../../../entities/address.js';
import { LONGEST_DATAGRAM } from '../../../entities/limits.js';
import { bindDatagrams, knowsReusePort } from '../../../lib/transports/udp.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import { pretendNode } from '../../support/node-version.js';

const v4 = (host: string, port = 0): UdpAddress => ({ transport: 'udp', family: 'udp4', host, port });
const v6 = (host: string, port = 0): UdpAddress => ({ transport: 'udp', family: 'udp6', host, port });

async function bind(address: UdpAddress): Promise<Socket> {
  const socket = await bindDatagrams(address);
  afterwards(() => socket.close());
  return socket;
}

describe('A UDP socket', () => {
  it('receives and sends datagrams, also the longest', async () => {
    const [one, other] = [await bind(v4('127.0.0.1')), await bind(v4('127.0.0.1'))];
    // macOS takes no longer ones by default.
    const length = process.platform === 'darwin' ? 9216 : LONGEST_DATAGRAM;
    const text = 'x'.repeat(length);
    const arrived = once<[Buffer, RemoteInfo]>(other, 'message');
    one.send(text, other.address().port, '127.0.0.1');
    const [bytes, from] = await arrived;
    expect(bytes.length).toBe(length);
    expect(from.port).toBe(one.address().port);
  });

  it('binds the given address, and for localhost the loopback of its family', async () => {
    const expected: [UdpAddress, string][] = [
      [v4('localhost'), '127.0.0.1'],
      [v4('::1'), '127.0.0.1'],
      [v4('0.0.0.0'), '0.0.0.0'],
      [v6('localhost'), '::1'],
      [v6('::1'), '::1'],
    ];
    for (const [address, host] of expected) expect((await bind(address)).address().address).toBe(host);
  });

  it('sends in the same turn to an address that needs no lookup', async () => {
    const receiver = await bind(v4('127.0.0.1'));
    const sender = await bind(v4('127.0.0.1'));
    const arrived = once<[Buffer]>(receiver, 'message');
    let sent = false;
    sender.send('now', receiver.address().port, '127.0.0.1', () => {
      sent = true;
    });
    await arrived;
    await new Promise(setImmediate);
    expect(sent).toBeTrue();
  });

  it('resolves host names', async () => {
    const receiver = await bind(v4('127.0.0.1'));
    const sender = await bind(v4('127.0.0.1'));
    const arrived = once<[Buffer]>(receiver, 'message');
    sender.send('by name', receiver.address().port, 'localhost');
    expect(String((await arrived)[0])).toBe('by name');
  });

  it('reports that a port is in use', async () => {
    const taken = createSocket('udp4');
    taken.bind(0, '127.0.0.1');
    await once(taken, 'listening');
    afterwards(() => taken.close());
    const { port } = taken.address();
    expect(await failure(bind(v4('127.0.0.1', port)))).toEqual(
      ipcError('ERR_IPC_IN_USE', `127.0.0.1:${port}`),
    );
  });

  it('says that a host cannot be found, or is not this machine', async () => {
    expect(await failure(bind(v4(`${'x'.repeat(64)}.invalid`)))).toEqual(
      ipcError('ERR_IPC_ADDRESS', 'invalid'),
    );
    expect(await failure(bind(v4('192.0.2.1')))).toEqual(ipcError('ERR_IPC_ADDRESS', 'EADDRNOTAVAIL'));
    expect((await failure(bind(v4('::2')))).code).toMatch(/^ERR_IPC_(ADDRESS|LISTEN)$/);
  });

  it('receives from multicast groups that it has joined, at every socket of the port', async () => {
    const group = '239.255.77.7';
    const settings = { reuseAddr: true, multicast: group, multicastInterface: '127.0.0.1', multicastTTL: 0 };
    const one = await bindDatagrams(v4('0.0.0.0'), settings);
    afterwards(() => one.close());
    const other = await bindDatagrams(v4('0.0.0.0', one.address().port), { ...settings, multicast: [group] });
    afterwards(() => other.close());
    const arrived = [one, other].map((socket) => once<[Buffer]>(socket, 'message'));
    one.send('to all', one.address().port, group);
    for (const [bytes] of await Promise.all(arrived)) expect(String(bytes)).toBe('to all');
  });

  it('sends to broadcast addresses if it may', async () => {
    const send = async (broadcast: boolean) => {
      const socket = await bindDatagrams(v4('0.0.0.0'), { broadcast });
      afterwards(() => socket.close());
      return new Promise((resolve) => {
        socket.send('to all', socket.address().port, '255.255.255.255', (error) => resolve(error));
      });
    };
    expect((await send(false)) as { code?: string }).toEqual(jasmine.objectContaining({ code: 'EACCES' }));
    const fault = (await send(true)) as { code?: string } | null;
    // A machine without a network has no way there.
    expect(fault?.code).not.toBe('EACCES');
  });

  it('uses the time to live and the loopback of the config, and names a setting that fails', async () => {
    const socket = await bindDatagrams(v4('127.0.0.1'), { ttl: 3 });
    afterwards(() => socket.close());
    const prototype = Object.getPrototypeOf(socket);
    const ttl = spyOn(prototype, 'setTTL').and.callThrough();
    const loopback = spyOn(prototype, 'setMulticastLoopback').and.callThrough();
    const other = await bindDatagrams(v4('127.0.0.1'), { ttl: 7, multicastLoopback: false });
    afterwards(() => other.close());
    expect(ttl).toHaveBeenCalledOnceWith(7);
    expect(loopback).toHaveBeenCalledOnceWith(false);
    const refused = ipcError('ERR_IPC_CONFIG', 'config.udp.multicast cannot be set: ');
    expect(await failure(bindDatagrams(v4('127.0.0.1'), { multicast: '10.0.0.1' }))).toEqual(refused);
  });

  it('shares its port if this Node supports it, and otherwise says which version does', async () => {
    expect(['20.19.0', '22.11.0', '22.12.0', '23.0.0', '23.1.0', '26.0.0'].map(knowsReusePort)).toEqual([
      false,
      false,
      true,
      false,
      true,
      true,
    ]);
    const binding = bindDatagrams(v4('127.0.0.1'), { reusePort: true });
    if (!knowsReusePort()) {
      const refused = ipcError('ERR_IPC_UNSUPPORTED', 'config.udp.reusePort needs Node 22.12 or later');
      expect(await failure(binding)).toEqual(refused);
      return;
    }
    if (['win32', 'darwin'].includes(process.platform)) {
      const refused = ipcError('ERR_IPC_UNSUPPORTED', 'config.udp.reusePort is not supported by this system');
      expect(await failure(binding)).toEqual(refused);
      return;
    }
    const one = await binding;
    afterwards(() => one.close());
    const other = await bindDatagrams(v4('127.0.0.1', one.address().port), { reusePort: true });
    afterwards(() => other.close());
    expect(other.address().port).toBe(one.address().port);
  });

  it('reports a system that does not support reusePort, and every other error as without it', async () => {
    pretendNode('22.12.0');
    const dgram = process.getBuiltinModule('node:dgram');
    const create = dgram.createSocket;
    let code = '';
    const closed: Promise<unknown>[] = [];
    spyOn(dgram, 'createSocket').and.callFake(((options: { type: 'udp4' }) => {
      const socket = create({ type: options.type });
      closed.push(once(socket, 'close'));
      socket.bind = () => {
        process.nextTick(() => socket.emit('error', Object.assign(new Error(code), { code })));
        return socket;
      };
      return socket;
    }) as never);
    const errorOf = (fault: string, reusePort: boolean) => {
      code = fault;
      return failure(bindDatagrams(v4('127.0.0.1'), { reusePort }));
    };
    const unsupported = 'config.udp.reusePort is not supported by this system; leave it out.';
    expect(await errorOf('ENOTSUP', true)).toEqual(ipcError('ERR_IPC_UNSUPPORTED', unsupported));
    expect(await errorOf('ENOTSUP', false)).toEqual(ipcError('ERR_IPC_LISTEN', 'ENOTSUP'));
    for (const reusePort of [true, false])
      expect(await errorOf('EADDRINUSE', reusePort)).toEqual(ipcError('ERR_IPC_IN_USE', '127.0.0.1:0'));
    expect((await Promise.all(closed)).length).toBe(4);
  });
});
