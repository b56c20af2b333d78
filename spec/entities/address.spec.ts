import { type Address, withPlace, withPort, describe as write } from '../../entities/address.js';
import { ipcError } from '../support/errors.js';

describe('An address', () => {
  it('is written as a path', () => {
    expect(write({ transport: 'unix', path: '/tmp/app.world' })).toBe('/tmp/app.world');
  });

  it('is written with an @ if it is an abstract socket of Linux, as the tools of Linux do', () => {
    expect(write({ transport: 'unix', path: '\0app.world' })).toBe('@app.world');
  });

  it('is written as host and port, for every protocol', () => {
    expect(write({ transport: 'tcp', host: 'localhost', port: 8000 })).toBe('localhost:8000');
    expect(write({ transport: 'tls', host: '127.0.0.1', port: 1 })).toBe('127.0.0.1:1');
    expect(write({ transport: 'udp', family: 'udp4', host: '10.0.0.1', port: 0 })).toBe('10.0.0.1:0');
  });

  it('is written with brackets around an IPv6 host', () => {
    expect(write({ transport: 'udp', family: 'udp6', host: '::1', port: 8000 })).toBe('[::1]:8000');
  });

  it('moves to another path, host or port, if it has one', () => {
    const unix: Address = { transport: 'unix', path: '/a' };
    const tcp: Address = { transport: 'tcp', host: 'a', port: 1 };
    expect(withPlace(unix, '/b')).toEqual({ transport: 'unix', path: '/b' });
    expect(withPlace(tcp, 'b')).toEqual({ transport: 'tcp', host: 'b', port: 1 });
    expect(withPort(tcp, '2')).toEqual({ transport: 'tcp', host: 'a', port: 2 });
    expect(withPort(unix, 2)).toBeUndefined();
    for (const fixed of [
      { transport: 'port', port: {} },
      { ...unix, fd: 3 },
      { ...tcp, fd: 3 },
    ] as Address[])
      expect([withPlace(fixed, 'b'), withPort(fixed, 2)]).toEqual([undefined, undefined]);
    for (const port of [-1, 65_536, 1.5, Number.NaN, '', '1x', null])
      expect(() => withPort(tcp, port)).toThrow(ipcError('ERR_IPC_ARGUMENT', 'is not a port'));
  });
});
