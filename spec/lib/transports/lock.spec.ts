import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from '../../../lib/transports/lock.js';
import { failure } from '../../support/events.js';
import { freshDirectory } from '../../support/places.js';
import { start } from '../../support/processes.js';

/** So long nobody waits in these specs. */
const FOREVER = 3_600_000;

if (process.platform !== 'win32') {
  describe('The lock on a path', () => {
    it('is one’s own until it is given back', async () => {
      const path = join(freshDirectory(), 's');
      let holders = 0;
      let most = 0;
      const work = async () => {
        const unlock = await lock(path, FOREVER);
        most = Math.max(most, ++holders);
        await new Promise(setImmediate);
        holders--;
        unlock();
      };
      await Promise.all(Array.from({ length: 10 }, work));
      expect(most).toBe(1);
      expect(holders).toBe(0);
    });

    it('leaves nothing behind', async () => {
      const directory = freshDirectory();
      const unlock = await lock(join(directory, 's'));
      unlock();
      expect(readdirSync(directory)).toEqual([]);
    });

    it('is one for all ways to the same place, and another for each place', async () => {
      const directory = freshDirectory();
      const link = join(freshDirectory(), 'link');
      symlinkSync(directory, link);
      const unlocks = [await lock(join(directory, 's'), FOREVER)];
      // The last would wait for one whose name is cut off where it still is the same.
      for (const name of ['other', `${'x'.repeat(100)}1`, `${'x'.repeat(100)}2`])
        unlocks.push(await lock(join(directory, name), FOREVER));
      unlocks.push(await lock(join(freshDirectory(), 's'), FOREVER));
      let had = false;
      const waiting = lock(join(link, 's'), FOREVER).then((unlock) => {
        had = true;
        unlocks.push(unlock);
      });
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      expect(had).toBeFalse();
      unlocks.shift()?.();
      await waiting;
      for (const unlock of unlocks) unlock();
    });

    it('is kept from other processes, and is gone with the one that had it', async () => {
      const path = join(freshDirectory(), 's');
      const program = start('spec/fixtures/locker.ts', [path]);
      await program.waitForLine(/^locked$/);
      let had = false;
      const waiting = lock(path, FOREVER).then((unlock) => {
        had = true;
        unlock();
      });
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      expect(had).toBeFalse();
      await program.kill();
      await waiting;
      expect(had).toBeTrue();
    });

    it('is gone without where whoever has it is stuck, and stays theirs', async () => {
      const path = join(freshDirectory(), 's');
      const unlock = await lock(path, FOREVER);
      const without = await lock(path, 20);
      without();
      let had = false;
      const waiting = lock(path, FOREVER).then((theirs) => {
        had = true;
        theirs();
      });
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      expect(had).toBeFalse();
      unlock();
      await waiting;
    });

    it('needs the directory', async () => {
      const error = await failure(lock(join(freshDirectory(), 'missing', 's')));
      expect(error).toEqual(jasmine.objectContaining({ code: 'ENOENT' }));
    });
  });
}
