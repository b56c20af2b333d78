import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { makeDirectoryOf, socketPath } from '../../../lib/transports/socket-root.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { freshIPC } from '../../support/instances.js';
import { freshDirectory } from '../../support/places.js';
import { directoryForAll, giveAway, needsRoot } from '../../support/users.js';

const windows = process.platform === 'win32';

/** Has a temporary directory of its own until the spec is over. */
function ownTemporary(directory: string): void {
  const { TMPDIR, XDG_RUNTIME_DIR } = process.env;
  afterwards(() => {
    for (const [key, value] of Object.entries({ TMPDIR, XDG_RUNTIME_DIR })) {
      if (value === undefined) delete process.env[key];
      else process.env[key] = value;
    }
  });
  process.env.TMPDIR = directory;
  delete process.env.XDG_RUNTIME_DIR;
}

describe('The path of an id', () => {
  const path = (socketRoot: string, platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}) =>
    socketPath({ socketRoot, appspace: 'app.' }, 'world', platform, env);

  it('is socketRoot, appspace and id', () => {
    expect(path('/tmp/', 'linux')).toBe('/tmp/app.world');
  });

  it("is in the user’s runtime directory for 'user', and for node-ipc 14", () => {
    if (windows) pending('the separators are those of Windows here');
    const env = { XDG_RUNTIME_DIR: '/run/user/7' };
    expect(path('user', 'linux', env)).toBe('/run/user/7/omni-ipc/app.world');
    expect(path('node-ipc-14', 'linux', env)).toBe('/run/user/7/node-ipc/app.world');
  });

  it('is in a directory with the user’s number if there is no runtime directory', () => {
    if (windows) pending('users have no numbers on Windows');
    const uid = process.geteuid?.();
    expect(path('user', 'linux')).toBe(join(tmpdir(), `omni-ipc-${uid}`, 'app.world'));
    expect(path('node-ipc-14', 'darwin')).toBe(join(tmpdir(), `node-ipc-${uid}`, 'app.world'));
  });

  it('contains the name of the user on Windows', () => {
    const name = userInfo().username.replace(/[^\w.-]/g, '_');
    expect(path('user', 'win32')).toBe(`/omni-ipc-${name}/app.world`);
    expect(path('node-ipc-14', 'win32')).toBe(`/node-ipc-${name}/app.world`);
  });

  it('is refused if another user has taken the name', () => {
    needsRoot();
    const directory = directoryForAll();
    ownTemporary(directory);
    mkdirSync(join(directory, `omni-ipc-${process.geteuid?.()}`), { mode: 0o700 });
    giveAway(join(directory, `omni-ipc-${process.geteuid?.()}`));
    const refused = ipcError('ERR_IPC_ADDRESS', 'is not this user');
    expect(() => freshIPC({ socketRoot: 'user' }).serve()).toThrow(refused);
    expect(() => freshIPC({ socketRoot: 'user' }).connectTo('world')).toThrow(refused);
  });
});

if (!windows) {
  describe('A socket’s directory', () => {
    it('is created for this user alone in a directory of this user', () => {
      const directory = join(freshDirectory(), 'sockets');
      makeDirectoryOf(join(directory, 's'));
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      makeDirectoryOf(join(directory, 's'));
      expect(readdirSync(directory)).toEqual([]);
    });

    it('is not created in a directory that others may write to, nor more than one level deep', () => {
      const open = freshDirectory();
      chmodSync(open, 0o777);
      const own = freshDirectory();
      for (const directory of [
        join(open, 'sockets'),
        join(own, 'a', 'b'),
        join(directoryForAll(), 'sockets'),
      ]) {
        const refused = ipcError('ERR_IPC_ADDRESS', `${directory} does not exist; create it`);
        expect(() => makeDirectoryOf(join(directory, 's'))).toThrow(refused);
        expect(existsSync(directory)).toBeFalse();
      }
    });

    it('may be created by another process at the same moment, but not be impossible to create', () => {
      const fs = process.getBuiltinModule('node:fs');
      const { mkdirSync: make } = fs;
      const directory = join(freshDirectory(), 'sockets');
      const failed = (code: string) => Object.assign(new Error(code), { code });
      const mkdir = spyOn(fs, 'mkdirSync').and.throwError(failed('EROFS'));
      expect(() => makeDirectoryOf(join(directory, 's'))).toThrow(
        ipcError('ERR_IPC_ADDRESS', `${directory} does not exist; create it`),
      );
      mkdir.and.callFake(() => {
        make(directory);
        throw failed('EEXIST');
      });
      expect(() => makeDirectoryOf(join(directory, 's'))).not.toThrow();
      expect(mkdir.calls.allArgs()).toEqual(Array(2).fill([directory, 0o700]));
    });

    it('is not created if a file has its name', () => {
      const file = join(freshDirectory(), 'file');
      writeFileSync(file, '');
      const refused = ipcError('ERR_IPC_ADDRESS', `${file} is not a directory`);
      expect(() => makeDirectoryOf(join(file, 's'))).toThrow(refused);
    });

    it('is created for the user in a shared temporary directory, and works', async () => {
      const directory = directoryForAll();
      ownTemporary(directory);
      const ipc = freshIPC({ socketRoot: 'user', id: 'world' });
      const server = await ipc.serve().start();
      const root = join(directory, `omni-ipc-${process.geteuid?.()}`);
      expect(server.path).toBe(join(root, 'app.world'));
      expect(statSync(root).mode & 0o777).toBe(0o700);
      const connected = once(server, 'connect');
      const client = await freshIPC({ socketRoot: 'user' }).connectTo('world').ready();
      await connected;
      expect(client.path).toBe(server.path);
    });
  });
}
