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
    it(`has one for ${address.transport}, which carries ${carries}`, () => {
      expect(transportOf(address).carries).toBe(carries as 'bytes');
    });
  }
});
