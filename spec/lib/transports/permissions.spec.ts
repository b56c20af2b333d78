import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fs } from '../../../lib/lazy-modules.js';
import { unix } from '../../../lib/transports/unix.js';
import { afterwards } from '../../support/afterwards.js';
import { leaveDeadSocket } from '../../support/dead-socket.js';
import { ipcError } from '../../support/errors.js';
import { failure } from '../../support/events.js';
import type { Settings } from '../../support/instances.js';
import { freshDirectory } from '../../support/places.js';
import { dialled, Ear } from '../../support/transports.js';
import { directoryForAll, needsRoot, OTHER, startAsOther } from '../../support/users.js';

function listen(path: string, settings: Settings = {}): Promise<Ear> {
  return Ear.open(unix, { transport: 'unix', path }, settings);
}

function setUmask(mask: number): void {
  const umask = process.umask(mask);
  afterwards(() => process.umask(umask));
}

if (process.platform === 'win32') {
  describe('A pipe of Windows', () => {
    it('refuses permissions, which only files have', async () => {
      const refused = ipcError('ERR_IPC_CONFIG', 'config.mode is for socket files');
      expect(await failure(listen('permissions', { mode: 0o600 }))).toEqual(refused);
    });
  });
} else {
  describe('The permissions of a socket file', () => {
    for (const [mode, expected] of [
      [0o660, 0o660],
      ['600', 0o600],
      ['0660', 0o660],
      ['0o606', 0o606],
    ] as const) {
      it(`are config.mode if that is ${JSON.stringify(mode)}, whatever the umask`, async () => {
        setUmask(0o077);
        const path = join(freshDirectory(), 's');
        const ear = await listen(path, { mode });
        expect(lstatSync(path).mode & 0o777).toBe(expected);
        await dialled(unix, { transport: 'unix', path });
        await ear.socket();
        expect(readdirSync(join(path, '..'))).toEqual(['s']);
        await ear.close();
        expect(readdirSync(join(path, '..'))).toEqual([]);
      });
    }

    it('are those of config.mode, together with readableAll and writableAll', async () => {
      const path = join(freshDirectory(), 's');
      await listen(path, { mode: 0o600, writableAll: true });
      expect(statSync(path).mode & 0o777).toBe(0o622);
    });

    it('are set before clients can reach the socket at its path', async () => {
      setUmask(0);
      const path = join(freshDirectory(), 's');
      const seen = new Set<number>();
      const { chmodSync } = fs;
      spyOn(fs, 'chmodSync').and.callFake((file, mode) => {
        expect(existsSync(path)).toBeFalse();
        chmodSync(file, mode);
        seen.add(statSync(file).mode & 0o777);
      });
      await listen(path, { mode: 0o600 });
      expect([...seen]).toEqual([0o600]);
    });

    it('are also set when a stale socket is replaced, and in a directory with a long name', async () => {
      const directory = freshDirectory();
      const path = join(directory, 'x'.repeat(100 - directory.length));
      await leaveDeadSocket(path);
      const ear = await listen(path, { mode: 0o600 });
      expect(statSync(path).mode & 0o777).toBe(0o600);
      await dialled(unix, { transport: 'unix', path });
      await ear.socket();
      expect(readdirSync(directory).length).toBe(1);
    });

    it('cannot be set if a living server has the path, which the error says', async () => {
      const path = join(freshDirectory(), 's');
      await listen(path);
      const refused = ipcError('ERR_IPC_IN_USE', 'a server listens there already');
      expect(await failure(listen(path, { mode: 0o600 }))).toEqual(refused);
      expect(readdirSync(join(path, '..'))).toEqual(['s']);
    });

    it('include config.group, by number and by name', async () => {
      needsRoot();
      const path = join(freshDirectory(), 's');
      const ear = await listen(path, { group: OTHER, mode: 0o660 });
      expect(statSync(path).gid).toBe(OTHER);
      await ear.close();
      const named = readFileSync('/etc/group', 'utf8')
        .split('\n')
        .map((line) => line.split(':'));
      for (const [name, , id] of named.filter(([, , id]) => id === '0' || id === '1')) {
        const other = await listen(path, { group: name });
        expect(statSync(path).gid).toBe(Number(id));
        await other.close();
      }
    });

    it('cannot be those of an unknown group', async () => {
      const path = join(freshDirectory(), 's');
      const refused = ipcError(
        'ERR_IPC_CONFIG',
        "config.group is 'no-such-group', which /etc/group does not list",
      );
      expect(await failure(listen(path, { group: 'no-such-group' }))).toEqual(refused);
      expect(readdirSync(join(path, '..'))).toEqual([]);
    });

    it('admit another user, or refuse them', async () => {
      needsRoot();
      const directory = directoryForAll();
      const attempt = `import { connect } from 'node:net';
        connect(process.env.SOCKET).on('connect', () => { console.log('in'); process.exit(); })
          .on('error', (error) => { console.log(error.code); process.exit(); });`;
      for (const [settings, outcome] of [
        [{ mode: 0o600 }, 'EACCES'],
        [{ mode: 0o660, group: OTHER }, 'in'],
        [{ writableAll: true }, 'in'],
      ] as const) {
        const path = join(directory, `s${outcome}${Object.keys(settings).length}`);
        await listen(path, settings);
        const other = startAsOther(attempt.replace('process.env.SOCKET', JSON.stringify(path)));
        await expectAsync(other.waitForLine(new RegExp(`^${outcome}$`))).toBeResolved();
      }
    });
  });

  describe('A socket without a file', () => {
    it('refuses permissions, which only files have', async () => {
      if (process.platform !== 'linux') pending('only Linux has abstract sockets');
      const path = `\0omni-ipc.spec.permissions.${process.pid}`;
      for (const settings of [{ mode: 0o600 }, { group: 0 }]) {
        const refused = ipcError('ERR_IPC_CONFIG', `config.${Object.keys(settings)[0]} is for socket files`);
        expect(await failure(listen(path, settings))).toEqual(refused);
      }
    });
  });
}
