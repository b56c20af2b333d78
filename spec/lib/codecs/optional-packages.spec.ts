import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IPCError } from '../../../entities/errors.js';
import { loadPackage } from '../../../lib/codecs/optional-packages.js';
import { afterwards } from '../../support/afterwards.js';
import { freshDirectory } from '../../support/places.js';

describe('An optional package', () => {
  it('is loaded, by its main entry or by another', () => {
    expect(loadPackage<{ DeflateRaw: unknown }>('fast-zlib', 'x').DeflateRaw).toBeInstanceOf(Function);
    const main = loadPackage('msgpackr', 'x');
    expect(loadPackage('msgpackr', 'x', 'msgpackr/index-no-eval')).not.toBe(main);
  });

  it('is looked for beside the program, and then in the working directory', () => {
    const [ofProgram, ofDirectory] = [freshDirectory(), freshDirectory()];
    const install = (place: string, name: string) => {
      const home = join(place, 'node_modules', name);
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, 'index.js'), `module.exports = ${JSON.stringify(place)};`);
    };
    for (const place of [ofProgram, ofDirectory]) install(place, 'in-both');
    install(ofDirectory, 'in-directory');
    const [directory, argv] = [process.cwd(), process.argv];
    afterwards(() => {
      process.chdir(directory);
      process.argv = argv;
    });
    process.chdir(ofDirectory);
    process.argv = ['node', join(ofProgram, 'program.js'), join(ofDirectory, 'argument.js')];
    expect([loadPackage('in-both', 'x'), loadPackage('in-directory', 'x')]).toEqual([ofProgram, ofDirectory]);
    process.argv = ['node'];
    expect(loadPackage('in-both', 'x')).toBe(ofDirectory);
  });

  it('is asked for by the command that installs it, if it is missing', () => {
    try {
      loadPackage('no-such-package', 'config.special', 'no-such-package/entry');
      fail('It was not missed');
    } catch (error) {
      const { code, message, cause } = error as IPCError;
      expect(code).toBe('ERR_IPC_MISSING_PACKAGE');
      expect(message).toBe(
        'config.special needs the package no-such-package; install it with: npm install no-such-package',
      );
      expect((cause as IPCError).code).toBe('MODULE_NOT_FOUND');
    }
    expect(() => loadPackage('no-such nor-such', 'config.special', 'no-such')).toThrowError(
      /needs the packages no-such nor-such; install them with: npm install no-such nor-such/,
    );
  });
});
