import type { Address } from '../../../entities/address.js';
import { transportOf } from '../../../lib/transports/registry.js';

describe('The registry of transports', () => {
  const carried: [Address, string][] = [
    [{ transport: 'unix', path: '/x' }, 'bytes'],
    [{ transport: 'tcp', host: 'x', port: 1 }, 'bytes'],
    [{ transport: 'tls', host: 'x', port: 1 }, 'bytes'],
    [{ transport: 'udp', family: 'udp4', host: 'x', port: 1 }, 'datagrams'],
    [{ transport: 'port', port: {} }, 'messages'],
  ];
  for (const [address, carries] of carried) {
    it(`contains ${address.transport}, which carries ${carries}`, () => {
      expect(transportOf(address).carries).toBe(carries as 'bytes');
    });
  }

  it('formats addresses for people, and with their transport', () => {
    const written: [Address, string, string][] = [
      [{ transport: 'unix', path: '\0hidden' }, '@hidden', 'unix:@hidden'],
      [{ transport: 'tls', host: 'localhost', port: 8 }, 'localhost:8', 'tls://localhost:8'],
      [{ transport: 'udp', family: 'udp6', host: '::1', port: 8 }, '[::1]:8', 'udp6://[::1]:8'],
      [{ transport: 'port', port: {} }, 'a message port', 'port:'],
    ];
    for (const [address, described, url] of written) {
      const transport = transportOf(address);
      expect([transport.describe(address), transport.url(address)]).toEqual([described, url]);
    }
  });
});
