import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { secureDirectory, surroundings, userDirectory } from '../../../lib/transports/user-directory.js';
import { ipcError } from '../../support/errors.js';
import { freshDirectory } from '../../support/places.js';

describe("A user's directory", () => {
  it('is in the runtime directory if only the user can enter that, and otherwise in the temporary one', () => {
    if (process.platform === 'win32') return pending('Windows has no owners and modes');
    const home = freshDirectory();
    const runtimeDirectory = join(home, 'run');
    mkdirSync(runtimeDirectory, { mode: 0o700 });
    const here = { ...surroundings(), runtimeDirectory, temporaryDirectory: home };
    expect(userDirectory(here)).toBe(join(runtimeDirectory, 'omni-ipc'));
    chmodSync(runtimeDirectory, 0o755);
    expect(userDirectory(here)).toBe(join(home, `omni-ipc-${here.user}`));
  });

  it('is created for the user alone, and refused with the reason and the remedy if others can enter it', () => {
    if (process.platform === 'win32') return pending('Windows has no owners and modes');
    const here = surroundings();
    const directory = join(freshDirectory(), 'own');
    secureDirectory(directory, here, 'The directory', 'choose another one');
    expect(lstatSync(directory).mode & 0o777).toBe(0o700);
    chmodSync(directory, 0o750);
    expect(() => secureDirectory(directory, here, 'The directory', 'choose another one')).toThrow(
      ipcError('ERR_IPC_ADDRESS', `The directory ${directory} is open to other users`),
    );
    expect(() =>
      secureDirectory(directory, { ...here, user: 4711 }, 'The directory', 'choose another one'),
    ).toThrow(ipcError('ERR_IPC_ADDRESS', 'not to 4711; choose another one.'));
    const file = join(freshDirectory(), 'file');
    writeFileSync(file, '');
    expect(() => secureDirectory(file, here, 'The directory', 'choose another one')).toThrow(
      ipcError('ERR_IPC_ADDRESS', `${file} is not a directory; choose another one.`),
    );
  });

  it('is made with all directories above it, or refused with the reason of the system', () => {
    const here = surroundings();
    const secure = (directory: string) => () =>
      secureDirectory(directory, here, 'The directory', 'choose another one');
    const home = freshDirectory();
    expect(secure(join(home, 'a', 'b', 'c'))).not.toThrow();
    writeFileSync(join(home, 'file'), '');
    symlinkSync(join(home, 'missing'), join(home, 'dangling'));
    const impossible = [
      join(home, 'file', 'sub'),
      join(home, 'dangling', 'sub'),
      join(home, 'x'.repeat(300)),
    ];
    // Here the system reports ENOENT although the parent exists.
    if (process.platform === 'linux') impossible.push('/proc/omni-ipc', '/proc/omni-ipc/sub');
    for (const directory of impossible)
      expect(secure(directory)).toThrow(ipcError('ERR_IPC_ADDRESS', `${directory} cannot be created: E`));
  });

  it('is in the temporary directory if the runtime directory is missing, relative, or on Windows', () => {
    const home = freshDirectory();
    const runtimeDirectory = join(home, 'run');
    const here = { ...surroundings(), runtimeDirectory, temporaryDirectory: home };
    const temporary = join(home, `omni-ipc-${here.user}`);
    expect(userDirectory(here)).toBe(temporary);
    mkdirSync(runtimeDirectory, { mode: 0o700 });
    const relativeOne = relative(process.cwd(), runtimeDirectory);
    for (const other of [undefined, '', relativeOne])
      expect(userDirectory({ ...here, runtimeDirectory: other })).toBe(temporary);
    expect(userDirectory({ ...here, platform: 'win32' })).toBe(temporary);
  });

  it('is not checked for its owner and mode on Windows, which has none', () => {
    const directory = join(freshDirectory(), 'own');
    mkdirSync(directory, { mode: 0o755 });
    const here = { ...surroundings(), platform: 'win32', user: 'me' } as const;
    expect(() => secureDirectory(directory, here, 'The directory', 'choose another one')).not.toThrow();
    const missing = join(directory, 'missing');
    secureDirectory(missing, here, 'The directory', 'choose another one');
    expect(lstatSync(missing).isDirectory()).toBeTrue();
  });

  it('may be created by another process at the same moment', () => {
    const fs = process.getBuiltinModule('node:fs');
    const { mkdirSync: make } = fs;
    const directory = join(freshDirectory(), 'own');
    const mkdir = spyOn(fs, 'mkdirSync').and.callFake((path) => {
      make(path, 0o700);
      throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
    });
    const here = surroundings();
    expect(() => secureDirectory(directory, here, 'The directory', 'choose another one')).not.toThrow();
    expect(mkdir).toHaveBeenCalledOnceWith(directory, 0o700);
  });

  it('is refused if it has disappeared, or another user’s process has replaced it by a link', () => {
    if (process.platform === 'win32') return pending('Windows has no owners and modes');
    const here = surroundings();
    const home = freshDirectory();
    const secure = (directory: string) => () => secureDirectory(directory, here, 'It', 'choose another one');
    mkdirSync(join(home, 'target'), { mode: 0o700 });
    symlinkSync(join(home, 'target'), join(home, 'link'));
    expect(secure(join(home, 'link'))).toThrow(
      ipcError('ERR_IPC_ADDRESS', `It ${join(home, 'link')} is not a directory; choose another one.`),
    );
    spyOn(process.getBuiltinModule('node:fs'), 'mkdirSync');
    expect(secure(join(home, 'gone'))).toThrow(
      ipcError('ERR_IPC_ADDRESS', `It ${join(home, 'gone')} is not there; choose another one.`),
    );
  });
});
