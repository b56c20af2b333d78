import { NETWORK } from '../../../entities/config/network.js';
import { validateKey } from '../../../entities/config.js';
import { ipcError } from '../../support/errors.js';
import { itRefuses } from '../../support/settings.js';

describe('The network of a config', () => {
  itRefuses(NETWORK, {
    interfaces: [false, undefined, 'eth0', null],
    tls: [true, 'tls', null],
    udp: [null, 5, { multicast: 5 }, { ttl: 0 }, { ttl: 256 }, { reusePort: 'yes' }, { reuseAdr: true }],
  });

  it('names the option of config.udp that is wrong, and suggests the intended one', () => {
    const errorOf = (udp: object) => () => validateKey('udp', udp);
    expect(errorOf({ broadcast: true, ttl: 300 })).toThrow(
      ipcError('ERR_IPC_CONFIG', 'config.udp.ttl is 300; it must be a number from 1 to 255.'),
    );
    expect(errorOf({ reuseport: true })).toThrow(
      ipcError('ERR_IPC_CONFIG', 'does not know config.udp.reuseport; did you mean config.udp.reusePort?'),
    );
    expect(() => validateKey('udp', 5 as never)).toThrow(
      ipcError('ERR_IPC_CONFIG', 'config.udp is 5; it must'),
    );
    expect(errorOf({ multicast: ['239.1.2.3'], ttl: undefined })).not.toThrow();
  });
});
