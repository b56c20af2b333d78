import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivate, ownDirectory, removeEmpty } from '../../../lib/transports/own-directory.js';
import { freshDirectory } from '../../support/places.js';
import { giveAway, needsRoot } from '../../support/users.js';

if (process.platform !== 'win32') {
  describe('A private directory', () => {
    it('is created for its user alone, and found again', () => {
      const directory = ownDirectory(freshDirectory());
      expect(makePrivate(directory)).toBeTrue();
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(makePrivate(directory)).toBeTrue();
    });

    it('is undefined if others may use it, or if it is a file', () => {
      const parent = freshDirectory();
      const open = join(parent, 'open');
      mkdirSync(open);
      chmodSync(open, 0o755);
      expect(makePrivate(open)).toBeFalse();
      const file = join(parent, 'file');
      writeFileSync(file, '');
      expect(makePrivate(file)).toBeFalse();
    });

    it('is undefined if it belongs to another user', () => {
      needsRoot();
      const directory = join(freshDirectory(), 'theirs');
      expect(makePrivate(directory)).toBeTrue();
      giveAway(directory);
      expect(makePrivate(directory)).toBeFalse();
    });

    it('cannot be created if its parent is missing', () => {
      expect(() => makePrivate(join(freshDirectory(), 'missing', 'own'))).toThrowError(/ENOENT/);
    });

    it('is removed when it is empty, and not before', () => {
      const directory = freshDirectory();
      const [empty, full] = [join(directory, 'empty'), join(directory, 'full')];
      for (const one of [empty, full]) mkdirSync(one);
      writeFileSync(join(full, 'file'), '');
      removeEmpty(empty, full, join(directory, 'missing'));
      expect(readdirSync(directory)).toEqual(['full']);
    });
  });
}
