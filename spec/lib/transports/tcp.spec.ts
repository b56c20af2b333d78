import { createServer, Socket } from 'node:net';
import type { NetAddress } from '../../../entities/address.js';
import { bindHost, dialTarget, tcp } from '../../../lib/transports/tcp.js';

import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import type { Settings } from '../../support/instances.js';
import { freePort } from '../../support/network.js';
import { dialled, Ear, probesOf } from '../../support/transports.js';

function at(host: string, port = 0): NetAddress {
  return { transport: 'tcp', host, port };
}

function listen(host = '127.0.0.1', port = 0, settings: Settings = {}): Promise<Ear> {
  return Ear.open(tcp, at(host, port), settings);
}

function dial(ear: Ear, host = '127.0.0.1', settings: Settings = {}): Promise<Socket> {
  return dialled(tcp, at(host, ear.listener.port), settings);
}

describe('A TCP listener', () => {
  it('reports the port that the system assigned', async () => {
    const ear = await listen();
    expect(ear.listener.port).toBeGreaterThan(0);
    await dial(ear);
    expect((await ear.socket()).localPort).toBe(ear.listener.port as number);
  });

  it('is reached on localhost by that name, and by its IPv4 address', async () => {
    const ear = await listen('localhost');
    for (const host of ['localhost', '127.0.0.1']) await dial(ear, host);
    expect((await ear.socket(2)).localAddress).toBe('127.0.0.1');
  });

  it('accepts IPv6 hosts', async () => {
    const ear = await listen('::1');
    await dial(ear, '::1');
    expect((await ear.socket()).localFamily).toBe('IPv6');
  });

  it('reports that a port is in use', async () => {
    const ear = await listen();
    const port = ear.listener.port as number;
    expect(await failure(listen('127.0.0.1', port))).toEqual(ipcError('ERR_IPC_IN_USE', `127.0.0.1:${port}`));
  });

  it('reports that a host cannot be found, or is not this machine', async () => {
    const nowhere = `${'x'.repeat(64)}.invalid`;
    expect(await failure(listen(nowhere))).toEqual(ipcError('ERR_IPC_ADDRESS', 'config.networkHost'));
    expect(await failure(listen('192.0.2.1'))).toEqual(ipcError('ERR_IPC_ADDRESS', 'EADDRNOTAVAIL'));
  });

  it('accepts hundreds of clients that connect at once', async () => {
    const ear = await listen('127.0.0.1', 0, { maxConnections: 1000 });
    await Promise.all(Array.from({ length: 400 }, () => dial(ear)));
    await ear.socket(400);
    expect(ear.errors).toEqual([]);
  });

  it('reports later errors of its socket', async () => {
    const ear = await listen();
    const fault = new Error('later');
    ear.listener.server.emit('error', fault);
    expect(await ear.error()).toBe(fault);
  });
});

describe('A TCP dial', () => {
  it('uses the interface of the config', async () => {
    const ear = await listen();
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const { port } = free.address() as { port: number };
    const gone = once(free, 'close');
    free.close();
    await gone;
    const interfaces = { localAddress: '127.0.0.1', localPort: port, family: 4, hints: false, lookup: false };
    await dial(ear, 'localhost', { interfaces });
    const { remoteAddress, remotePort } = await ear.socket();
    expect([remoteAddress, remotePort]).toEqual(['127.0.0.1', port]);
  });

  it('uses the lookup of the config', async () => {
    const ear = await listen();
    const asked: string[] = [];
    const lookup = (name: string, options: { all?: boolean }, found: (...args: unknown[]) => void) => {
      asked.push(name);
      if (options.all) found(null, [{ address: '127.0.0.1', family: 4 }]);
      else found(null, '127.0.0.1', 4);
    };
    await dial(ear, 'world.example', { interfaces: { lookup } });
    await ear.socket();
    expect(asked).toEqual(['world.example']);
  });

  it('passes on only the options that are set', () => {
    const none = {
      localAddress: false,
      localPort: false,
      family: false,
      hints: false,
      lookup: false,
    } as const;
    expect(dialTarget(at('h', 1), none)).toEqual({ host: 'h', port: 1 });
    expect(dialTarget(at('h', 1), { family: 6, localPort: undefined })).toEqual({
      host: 'h',
      port: 1,
      family: 6,
    });
    const elsewhere = { host: 'other', port: 2, localPort: 3 } as object;
    expect(dialTarget(at('h', 1), elsewhere)).toEqual({ host: 'h', port: 1, localPort: 3 });
  });

  it('passes on every other option of net.connect, booleans included', () => {
    const options = { autoSelectFamily: false, noDelay: false, keepAlive: false, allowHalfOpen: true };
    expect(dialTarget(at('h', 1), { ...options, family: true, lookup: false })).toEqual({
      host: 'h',
      port: 1,
      ...options,
    });
  });

  it('stays open for sending if the interfaces allow it, and uses Nagle’s algorithm if they say so', async () => {
    const ear = await listen();
    const seen: unknown[] = [];
    const connect = Socket.prototype.connect;
    spyOn(Socket.prototype, 'connect').and.callFake(function (this: Socket, ...args: never[]) {
      seen.push(args[0]);
      return connect.apply(this, args as never);
    } as never);
    const interfaces = { allowHalfOpen: true, noDelay: false };
    const socket = await dialled(tcp, at('127.0.0.1', ear.listener.port as number), { interfaces });
    expect(socket.allowHalfOpen).toBeTrue();
    expect(seen[0]).toEqual(jasmine.objectContaining({ noDelay: false, keepAlive: true }));
    await ear.socket();
  });

  it('fails with the system’s error', async () => {
    const error = await failure(dialled(tcp, at('127.0.0.1', await freePort())));
    expect(error as { code: string }).toEqual(jasmine.objectContaining({ code: 'ECONNREFUSED' }));
  });
});

describe('A TCP connection', () => {
  it('has keep-alive probes at both ends after a minute of silence', async () => {
    if (process.platform !== 'linux') return pending('only Linux shows its timers');
    const ear = await listen();
    await dial(ear);
    await ear.socket();
    for (const seconds of await probesOf(ear.listener.port as number)) {
      expect(seconds).toBeGreaterThan(10);
      expect(seconds).toBeLessThan(62);
    }
  });
});

describe('A TCP connection that ended before the server sent anything', () => {
  it('is explained by TLS if the client has sent something, and only within a second', async () => {
    const ear = await listen();
    const address = at('127.0.0.1', ear.listener.port as number);
    const now = spyOn(performance, 'now').and.returnValue(5000);
    const socket = await dial(ear);
    const refusalAt = (time: number, ended = socket) => {
      now.and.returnValue(time);
      return tcp.refusal?.(ended, address);
    };
    expect(refusalAt(5000)).toBeUndefined();
    await new Promise((resolve) => socket.write('x', resolve));
    const refused = ipcError(
      'ERR_IPC_HANDSHAKE',
      `127.0.0.1:${address.port} ended the connection at the client`,
    );
    expect([refusalAt(5000), refusalAt(6000), refusalAt(6001)]).toEqual([
      refused,
      refused,
      undefined,
    ] as never);
    const unknown = { bytesRead: 0, bytesWritten: 1 } as Socket;
    expect([refusalAt(1000, unknown), refusalAt(1001, unknown)]).toEqual([refused, undefined] as never);
    const answered = once(socket, 'data');
    (await ear.socket()).write('y');
    await answered;
    expect(refusalAt(5000)).toBeUndefined();
  });
});

describe('The address that a server binds', () => {
  it('is the loopback of the family for localhost', () => {
    expect(bindHost('localhost')).toBe('127.0.0.1');
    expect(bindHost('localhost', 4)).toBe('127.0.0.1');
    expect(bindHost('localhost', 6)).toBe('::1');
  });

  it('is the given one otherwise', () => {
    for (const host of ['0.0.0.0', '::', 'world.example', '127.0.0.1']) expect(bindHost(host, 6)).toBe(host);
  });
});
