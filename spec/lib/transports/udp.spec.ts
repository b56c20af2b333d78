import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { UdpAddress } from '../../../entities/address.js';
import { LONGEST_DATAGRAM } from '../../../entities/limits.js';
import { bindDatagrams } from '../../../lib/transports/udp.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';

const v4 = (host: string, port = 0): UdpAddress => ({ transport: 'udp', family: 'udp4', host, port });
const v6 = (host: string, port = 0): UdpAddress => ({ transport: 'udp', family: 'udp6', host, port });

async function bind(address: UdpAddress): Promise<Socket> {
  const socket = await bindDatagrams(address);
  afterwards(() => socket.close());
  return socket;
}

describe('A UDP socket', () => {
  it('receives and sends datagrams, as long as any', async () => {
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

  it('binds where it is told to: localhost is the loopback of its family', async () => {
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

  it('finds names', async () => {
    const receiver = await bind(v4('127.0.0.1'));
    const sender = await bind(v4('127.0.0.1'));
    const arrived = once<[Buffer]>(receiver, 'message');
    sender.send('by name', receiver.address().port, 'localhost');
    expect(String((await arrived)[0])).toBe('by name');
  });

  it('says that a port is in use', async () => {
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
});
