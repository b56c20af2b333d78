import { NETWORK } from '../../../entities/config/network.js';
import { itRefuses } from '../../support/settings.js';

describe('The network of a config', () => {
  itRefuses(NETWORK, {
    interfaces: [false, undefined, 'eth0', null],
    tls: [true, 'tls', null],
    udp: [null, 5, { multicast: 5 }, { ttl: 0 }, { ttl: 256 }, { reusePort: 'yes' }, { reuseAdr: true }],
  });
});
