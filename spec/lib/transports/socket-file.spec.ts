import { join } from 'node:path';
import { evict, identify, lookAgain } from '../../../lib/transports/socket-file.js';
import { unix } from '../../../lib/transports/unix.js';
import { freshDirectory } from '../../support/places.js';
import { dialled, Ear } from '../../support/transports.js';

if (process.platform !== 'win32') {
  describe('The socket of a server that does not answer', () => {
    it('can be evicted once, if the file is still that socket', async () => {
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

describe('A socket that seems stale', () => {
  async function looksAt(since: number, looks: number, busyAt = 0): Promise<number> {
    let count = 0;
    const look = async () => {
      count++;
      if (count === busyAt) throw new Error('it is busy');
    };
    await lookAgain(look, since, looks).catch(() => {});
    return count;
  }

  it('is checked again if it is new, and until it can be distinguished from a busy one', async () => {
    // One that stays new, however long this process is not scheduled.
    const future = Date.now() + 60_000;
    expect(await looksAt(0, 1)).toBe(1);
    expect(await looksAt(future, 1)).toBe(2);
    expect(await looksAt(0, 3)).toBe(3);
    expect(await looksAt(future, 3)).toBe(4);
  });

  it('is kept as soon as a check finds it alive', async () => {
    expect(await looksAt(0, 5, 3)).toBe(3);
  });
});
