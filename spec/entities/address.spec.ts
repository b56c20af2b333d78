import { describe as write } from '../../entities/address.js';

describe('An address', () => {
  it('is written as a path', () => {
    expect(write({ transport: 'unix', path: '/tmp/app.world' })).toBe('/tmp/app.world');
  });

  it('is written with an @ if it is one of Linux’s abstract sockets, as its own tools do', () => {
    expect(write({ transport: 'unix', path: '\0app.world' })).toBe('@app.world');
  });

  it('is written as host and port, whatever goes over it', () => {
    expect(write({ transport: 'tcp', host: 'localhost', port: 8000 })).toBe('localhost:8000');
    expect(write({ transport: 'tls', host: '127.0.0.1', port: 1 })).toBe('127.0.0.1:1');
    expect(write({ transport: 'udp', family: 'udp4', host: '10.0.0.1', port: 0 })).toBe('10.0.0.1:0');
  });

  it('is written with brackets around an IPv6 host', () => {
    expect(write({ transport: 'udp', family: 'udp6', host: '::1', port: 8000 })).toBe('[::1]:8000');
  });
});
