import type { Config } from '../../../entities/config.js';
import { joinBackplane } from '../../../services/ipc/join-backplane.js';
import { ipcError } from '../../support/errors.js';

describe('The backplane of a server', () => {
  const unix = { transport: 'unix', path: '/tmp/app.world' } as const;

  function of(backplane: unknown): Config {
    return { backplane } as Config;
  }

  it('is joined if the config has one', () => {
    for (const none of [undefined, false]) expect(joinBackplane(of(none), unix)).toBeUndefined();
    for (const some of [true, { name: 'shop' }])
      expect(joinBackplane(of(some), unix)).toEqual(jasmine.any(Function));
  });

  it('is refused over UDP', () => {
    const udp = { transport: 'udp', family: 'udp4', host: '127.0.0.1', port: 0 } as const;
    expect(() => joinBackplane(of(true), udp)).toThrow(ipcError('ERR_IPC_CONFIG', 'leave it out'));
  });

  it('is refused with an unknown option', () => {
    expect(() => joinBackplane(of({ nmae: 'shop' }), unix)).toThrow(
      ipcError('ERR_IPC_CONFIG', 'config.backplane.nmae'),
    );
  });
});
