import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isLocked, lock } from '../../../lib/transports/lock.js';
import { ownDirectory } from '../../../lib/transports/own-directory.js';
import { failure } from '../../support/events.js';
import { freshDirectory } from '../../support/places.js';
import { start } from '../../support/processes.js';
import { directoryForAll, needsRoot, startAsOther } from '../../support/users.js';

/** So long nobody waits in these specs. */
const FOREVER = 3_600_000;

if (process.platform !== 'win32') {
  describe('The lock on a path', () => {
    it('is exclusive until it is released', async () => {
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

    it('is waited for only as long as the waiting caller wants', async () => {
      const path = join(freshDirectory(), 's');
      const unlock = await lock(path);
      let asked = 0;
      const waiting = async () => {
        if (++asked === 3) throw new Error('enough');
      };
      await expectAsync(lock(path, FOREVER, waiting)).toBeRejectedWithError('enough');
      unlock();
      (await lock(path, FOREVER, async () => fail()))();
    });

    it('is known to be held until it is released', async () => {
      const path = join(freshDirectory(), 's');
      expect([isLocked(path), isLocked('/no/such/directory/s')]).toEqual([false, false]);
      const unlock = await lock(path);
      expect([isLocked(path), isLocked(`${path}2`)]).toEqual([true, false]);
      unlock();
      expect(isLocked(path)).toBeFalse();
    });

    it('leaves nothing behind', async () => {
      const directory = freshDirectory();
      const unlock = await lock(join(directory, 's'));
      unlock();
      expect(readdirSync(directory)).toEqual([]);
    });

    it('leaves nothing behind either if another process takes it at the same moment, and the caller does not wait', async () => {
      const directory = freshDirectory();
      const taken = Object.assign(new Error('taken'), { code: 'ENOTEMPTY' });
      const rename = spyOn(process.getBuiltinModule('node:fs'), 'renameSync').and.throwError(taken);
      const waiting = () => Promise.reject(new Error('enough'));
      await expectAsync(lock(join(directory, 's'), FOREVER, waiting)).toBeRejectedWithError('enough');
      expect(rename).toHaveBeenCalledTimes(1);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('is the same for all paths to the same place, and another for each place', async () => {
      const directory = freshDirectory();
      const link = join(freshDirectory(), 'link');
      symlinkSync(directory, link);
      const unlocks = [await lock(join(directory, 's'), FOREVER)];
      // Some would wait for one whose name is cut off where it still is the same.
      const long = [100, 200].flatMap((length) => [`${'x'.repeat(length)}1`, `${'x'.repeat(length)}2`]);
      for (const name of ['other', ...long]) unlocks.push(await lock(join(directory, name), FOREVER));
      unlocks.push(await lock(join(freshDirectory(), 's'), FOREVER));
      const { freed } = await heldByAnother(join(link, 's'));
      unlocks.shift()?.();
      await freed;
      for (const unlock of unlocks) unlock();
    });

    it('excludes other processes, and ends with the process that holds it', async () => {
      const path = join(freshDirectory(), 's');
      const program = start('spec/fixtures/locker.ts', [path]);
      await program.waitForLine(/^locked$/);
      const { freed } = await heldByAnother(path);
      await program.kill();
      await freed;
    });

    it("is skipped if its holder is stuck, and stays the holder's", async () => {
      const path = join(freshDirectory(), 's');
      const unlock = await lock(path, FOREVER);
      const without = await lock(path, 20);
      without();
      const { freed } = await heldByAnother(path);
      unlock();
      await freed;
    });

    it('cannot be held by another user who has created the directory of the lock', async () => {
      needsRoot();
      const directory = directoryForAll();
      const taken = ownDirectory(directory);
      const other = startAsOther(`import { mkdirSync, statSync, writeFileSync } from 'node:fs';
        const { dev, ino } = statSync('${directory}', { bigint: true });
        const lock = '${taken}/' + dev.toString(36) + '.' + ino.toString(36) + '.s';
        mkdirSync(lock, { recursive: true });
        writeFileSync(lock + '/' + process.pid + '..', '');
        console.log('taken');
        setInterval(() => {}, 1000);`);
      await other.waitForLine(/^taken$/);
      const unlock = await lock(join(directory, 's'), FOREVER);
      const { freed } = await heldByAnother(join(directory, 's'));
      unlock();
      await freed;
      expect(readdirSync(taken).length).toBe(1);
    });

    it('is taken over from a dead process whose id another process has now', async () => {
      if (process.platform !== 'linux') pending('only Linux tells when a process has started');
      const path = join(freshDirectory(), 's');
      const { dev, ino } = statSync(join(path, '..'), { bigint: true });
      const place = join(ownDirectory(join(path, '..')), `${dev.toString(36)}.${ino.toString(36)}.s`);
      mkdirSync(join(place, '..'), { mode: 0o700 });
      mkdirSync(place);
      const namespace = readlinkSync('/proc/self/ns/pid').replace(/\D/g, '');
      writeFileSync(join(place, `${process.pid}.1.${namespace}.abc`), '');
      const unlock = await lock(path, FOREVER);
      unlock();
      expect(readdirSync(join(path, '..'))).toEqual([]);
    });

    it('is taken over after a timeout if its holder cannot be checked from here', async () => {
      const path = join(freshDirectory(), 's');
      const { dev, ino } = statSync(join(path, '..'), { bigint: true });
      const place = join(ownDirectory(join(path, '..')), `${dev.toString(36)}.${ino.toString(36)}.s`);
      mkdirSync(join(place, '..'), { mode: 0o700 });
      mkdirSync(place);
      const holder = join(place, '1.1.another.abc');
      writeFileSync(holder, '');
      const later = Date.now() / 1000 + 3600;
      utimesSync(holder, later, later);
      const { freed } = await heldByAnother(path);
      const longAgo = Date.now() / 1000 - 60;
      utimesSync(holder, longAgo, longAgo);
      await freed;
      expect(readdirSync(join(path, '..'))).toEqual([]);
    });

    it('needs the directory', async () => {
      const error = await failure(lock(join(freshDirectory(), 'missing', 's')));
      expect(error).toEqual(jasmine.objectContaining({ code: 'ENOENT' }));
    });
  });
}

/** Finds that another has the lock of a path; `freed` resolves when it could be taken, and has been given back. */
async function heldByAnother(path: string): Promise<{ freed: Promise<void> }> {
  let had = false;
  const freed = lock(path, FOREVER).then((unlock) => {
    had = true;
    unlock();
  });
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  expect(had).toBeFalse();
  return { freed };
}
