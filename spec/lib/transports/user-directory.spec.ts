import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
});
