import { join } from 'node:path';
import { evict, identify } from '../../../lib/transports/socket-file.js';
import { unix } from '../../../lib/transports/unix.js';
import { freshDirectory } from '../../support/places.js';
import { dialled, Ear } from '../../support/transports.js';

if (process.platform !== 'win32') {
  describe('The socket of a server that does not answer', () => {
    it('can be taken away once, as long as it is the one that is meant', async () => {
      const path = join(freshDirectory(), 's');
      const ear = await Ear.open(unix, { transport: 'unix', path });
      const kept = await dialled(unix, { transport: 'unix', path });
      await ear.socket();
      const { life } = identify(path) ?? { life: '' };
      expect(await evict(path, 'another')).toBeFalse();
      expect(await Promise.all([evict(path, life), evict(path, life)])).toEqual([true, false]);
      expect(identify(path)).toBeUndefined();
      expect(kept.destroyed).toBeFalse();
      const next = await Ear.open(unix, { transport: 'unix', path });
      expect(await evict(path, life)).toBeFalse();
      const kept2 = await dialled(unix, { transport: 'unix', path });
      await next.socket();
      expect(kept2.readyState).toBe('open');
    });
  });
}
