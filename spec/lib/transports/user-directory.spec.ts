import { chmodSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secureDirectory, surroundings, userDirectory } from '../../../lib/transports/user-directory.js';
import { ipcError } from '../../support/errors.js';
import { freshDirectory } from '../../support/places.js';

describe("A user's directory", () => {
  it('is in the runtime directory where only the user can enter that, and else in the temporary one', () => {
    if (process.platform === 'win32') return pending('Windows has no owners and modes');
    const home = freshDirectory();
    const runtimeDirectory = join(home, 'run');
    mkdirSync(runtimeDirectory, { mode: 0o700 });
    const here = { ...surroundings(), runtimeDirectory, temporaryDirectory: home };
    expect(userDirectory(here)).toBe(join(runtimeDirectory, 'omni-ipc'));
    chmodSync(runtimeDirectory, 0o755);
    expect(userDirectory(here)).toBe(join(home, `omni-ipc-${here.user}`));
  });

  it('is made for the user alone, and refused with the reason and the remedy where others can enter it', () => {
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
      ipcError('ERR_IPC_ADDRESS', 'cannot be made'),
    );
  });
});
