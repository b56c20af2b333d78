import { fork } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { IPCError } from '../../../entities/errors.js';
import { fs } from '../../../lib/lazy-modules.js';
import { lock } from '../../../lib/transports/lock.js';
import { platformPath } from '../../../lib/transports/platform-path.js';
import { answers, identify } from '../../../lib/transports/socket-file.js';
import { dialWatched, unix } from '../../../lib/transports/unix.js';
import { afterwards } from '../../support/afterwards.js';
import { stopTime } from '../../support/clock.js';
import { leaveDeadSocket } from '../../support/dead-socket.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import { freshIPC, type Settings } from '../../support/instances.js';
import { freshDirectory, freshPath } from '../../support/places.js';
import { built, inProject } from '../../support/project.js';
import { Racers } from '../../support/racers.js';
import { dialled, Ear } from '../../support/transports.js';
import { directoryForAll, needsRoot, OTHER, startAsOther } from '../../support/users.js';

const windows = process.platform === 'win32';
const linux = process.platform === 'linux';

/** The longest path of a socket in bytes. */
const longest = linux ? 107 : 103;

/** Where nothing is, in a directory of its own, so that all that is left there can be seen. */
function freshPlace(): string {
  return join(freshDirectory(), 's');
}

function listen(path: string, settings: Settings = {}): Promise<Ear> {
  return Ear.open(unix, { transport: 'unix', path }, settings);
}

function dial(path: string, settings: Settings = {}): Promise<Socket> {
  return dialled(unix, { transport: 'unix', path }, settings);
}

/** An empty directory for all, and a way to be another user, whom permissions bind, until the spec is over. */
function placeForAll(): { directory: string; change(): void } {
  const directory = directoryForAll(0o777);
  const change = () => {
    if (process.getuid?.() !== 0) return;
    process.seteuid?.(OTHER);
    afterwards(() => process.seteuid?.(0));
  };
  return { directory, change };
}

/** Dials as systems do that are not Linux; what `act` does happens between the first look at the file and the connection. */
function dialWatchedBy(path: string, act: () => void): Socket {
  const { statSync: look } = fs;
  let looks = 0;
  spyOn(fs, 'statSync').and.callFake(((...args: Parameters<typeof look>) => {
    const stats = look(...args);
    if (looks++ === 0) act();
    return stats;
  }) as never);
  const socket = dialWatched(path);
  afterwards(() => socket.destroy());
  return socket;
}

/** Sees that a server that listens at a path is the one that a client reaches there. */
async function expectReached(path: string, ear: Ear): Promise<void> {
  const count = ear.sockets.length + 1;
  await dial(path);
  await ear.socket(count);
  expect(ear.sockets.length).toBe(count);
}

if (windows) {
  describe('A Windows pipe', () => {
    it('is refused while another listens on it', async () => {
      const path = freshPath();
      const ear = await listen(path);
      expect(await failure(listen(path))).toEqual(ipcError('ERR_IPC_IN_USE'));
      await expectReached(path, ear);
    });
  });
} else {
  describe('A local socket', () => {
    it('may have as long a path as the system allows', async () => {
      const directory = freshDirectory();
      const path = join(directory, 'x'.repeat(longest - directory.length - 1));
      expect(path.length).toBe(longest);
      const ear = await listen(path);
      await expectReached(path, ear);
      await ear.close();
      await leaveDeadSocket(path);
      await expectReached(path, await listen(path));
    });

    it('is refused if its path has one byte more, when it listens and when it dials', async () => {
      const directory = freshDirectory();
      const path = join(directory, `${'x'.repeat(longest - directory.length - 2)}ä`);
      const refused = ipcError('ERR_IPC_ADDRESS', `has ${longest + 1} bytes; this system allows ${longest}`);
      expect(await failure(listen(path))).toEqual(refused);
      expect(await failure(dial(path))).toEqual(refused);
      expect(readdirSync(directory)).toEqual([]);
    });

    it('is removed when it is closed', async () => {
      const path = freshPlace();
      const ear = await listen(path);
      expect(lstatSync(path).isSocket()).toBeTrue();
      await ear.close();
      expect(readdirSync(join(path, '..'))).toEqual([]);
    });

    it('can be used again and again', async () => {
      const path = freshPlace();
      for (let i = 0; i < 5; i++) {
        const ear = await listen(path);
        await expectReached(path, ear);
        await ear.close();
      }
    });

    it('gives other users no more than the umask does', async () => {
      const umask = process.umask(0o077);
      afterwards(() => process.umask(umask));
      const path = freshPath();
      await listen(path);
      expect(statSync(path).mode & 0o777).toBe(0o700);
    });

    for (const [settings, mode] of [
      [{ readableAll: true }, 0o744],
      [{ writableAll: true }, 0o722],
      [{ readableAll: true, writableAll: true }, 0o766],
    ] as const) {
      it(`is open to all users with ${Object.keys(settings).join(' and ')}`, async () => {
        const umask = process.umask(0o077);
        afterwards(() => process.umask(umask));
        const path = freshPath();
        await listen(path, settings);
        expect(statSync(path).mode & 0o777).toBe(mode);
      });
    }

    it('needs a directory, which the error says', async () => {
      const directory = join(freshDirectory(), 'missing', 'deeper');
      const error = await failure(listen(join(directory, 's')));
      expect(error).toEqual(ipcError('ERR_IPC_ADDRESS', `${directory} does not exist; create it`));
      const file = join(freshDirectory(), 'file');
      writeFileSync(file, '');
      for (const unlink of [true, false, 'force'] as const) {
        const refused = await failure(listen(join(file, 's'), { unlink }));
        expect(refused).toEqual(ipcError('ERR_IPC_ADDRESS', `${file} is not a directory; create it`));
      }
    });

    it('needs a directory that this user may write to, which the error says', async () => {
      const { directory, change } = placeForAll();
      chmodSync(directory, 0o555);
      afterwards(() => chmodSync(directory, 0o777));
      change();
      const error = await failure(listen(join(directory, 's')));
      expect(error).toEqual(ipcError('ERR_IPC_ADDRESS', 'EACCES'));
      expect(error.message).toContain('this user may use it');
    });
  });

  describe('A stale local socket', () => {
    it('is reclaimed', async () => {
      const path = freshPlace();
      await leaveDeadSocket(path);
      expect(await answers(path)).toBeFalse();
      const ear = await listen(path);
      expect(await answers(path)).toBeTrue();
      await expectReached(path, ear);
      expect(readdirSync(join(path, '..'))).toEqual(['s']);
    });

    it('is reclaimed by one of many processes, while the others report that it is in use', async () => {
      const path = freshPlace();
      const racers = new Racers(path);
      afterwards(() => racers.end());
      for (let round = 0; round < 3; round++) {
        await racers.gather(12);
        const { winner, others } = await racers.race();
        expect([...others]).toEqual(['ERR_IPC_IN_USE']);
        expect(readdirSync(join(path, '..'))).toEqual(['s']);
        await racers.kill(winner);
      }
    });

    it('is reclaimed by one of several servers in a process', async () => {
      const path = freshPlace();
      await leaveDeadSocket(path);
      const results = await Promise.allSettled([listen(path), listen(path), listen(path)]);
      const ears = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      expect(ears.length).toBe(1);
      expect(errors).toEqual([ipcError('ERR_IPC_IN_USE'), ipcError('ERR_IPC_IN_USE')]);
      await expectReached(path, ears[0] as Ear);
    });

    it('is not checked while another process has the lock', async () => {
      const path = freshPlace();
      await leaveDeadSocket(path);
      stopTime(); // so that the patience with the holder does not end
      const before = identify(path)?.life;
      const unlock = await lock(path);
      const listening = listen(path);
      let done = false;
      void listening.then(() => {
        done = true;
      });
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
      expect(identify(path)?.life).toBe(before as string);
      expect(done).toBeFalse();
      unlock();
      await expectReached(path, await listening);
    });

    it('is kept if unlink is false, and blocks the path', async () => {
      const path = freshPlace();
      await leaveDeadSocket(path);
      const { file } = identify(path) ?? {};
      expect(await failure(listen(path, { unlink: false }))).toEqual(
        ipcError('ERR_IPC_IN_USE', 'config.unlink is false'),
      );
      expect(identify(path)?.file).toBe(file as string);
    });

    it('is checked twice if it is new, since its server may be about to listen', async () => {
      const path = freshPlace();
      const racer = fork(join(built, 'spec/fixtures/racer.js'));
      afterwards(() => racer.kill('SIGKILL'));
      await once(racer, 'message');
      racer.send(path);
      await once(racer, 'message');
      racer.kill('SIGKILL');
      const { since } = identify(path) ?? { since: 0 };
      while (await answers(path)) await new Promise(setImmediate);
      // Makes it look made just now; the time of a file advances in steps of milliseconds.
      do chmodSync(path, 0o700);
      while ((identify(path)?.since ?? 0) <= since);
      await expectReached(path, await listen(path));
    });
  });

  describe('A living local socket', () => {
    it('keeps its path and continues serving, and the new server is refused', async () => {
      const path = freshPlace();
      const ear = await listen(path);
      for (let i = 0; i < 3; i++) {
        const error = await failure(listen(path));
        expect(error).toEqual(ipcError('ERR_IPC_IN_USE', `Cannot listen on ${path}: a server listens there`));
      }
      await expectReached(path, ear);
      expect(readdirSync(join(path, '..'))).toEqual(['s']);
    });

    it('keeps its path if it does not answer because its process is stopped', async () => {
      const path = freshPlace();
      const racer = fork(join(built, 'spec/fixtures/racer.js'));
      afterwards(() => racer.kill('SIGKILL'));
      await once(racer, 'message');
      racer.send(path);
      await once(racer, 'message');
      racer.kill('SIGSTOP');
      expect(await failure(listen(path))).toEqual(ipcError('ERR_IPC_IN_USE'));
      racer.kill('SIGCONT');
      const socket = await dial(path);
      const [said] = await once(socket, 'data');
      expect(String(said)).toBe(String(racer.pid));
    });

    it('keeps its path if it is unknown whether its server is running, and the error says why', async () => {
      const { directory, change } = placeForAll();
      const path = join(directory, 's');
      await leaveDeadSocket(path);
      chmodSync(path, 0);
      change();
      const error = await failure(listen(path));
      expect(error).toEqual(ipcError('ERR_IPC_IN_USE', 'it is unknown whether a server listens there'));
      expect((error as IPCError).cause).toEqual(jasmine.objectContaining({ code: 'EACCES' }));
      expect(existsSync(path)).toBeTrue();
    });

    it('loses its path if unlink is force, and does not take it back when it closes', async () => {
      const path = freshPlace();
      const old = await listen(path);
      const kept = await dial(path);
      await old.socket();
      const taker = await listen(path, { unlink: 'force' });
      await expectReached(path, taker);
      await old.listener.close();
      await expectReached(path, taker);
      expect(kept.destroyed).toBeFalse();
      expect(readdirSync(join(path, '..'))).toEqual(['s']);
      await taker.close();
      expect(readdirSync(join(path, '..'))).toEqual([]);
    });

    it('does not remove the socket of another server when it closes, however that came there', async () => {
      const path = freshPlace();
      const old = await listen(path);
      renameSync(path, `${path}.moved`);
      const other = await listen(path);
      await old.close();
      await expectReached(path, other);
      unlinkSync(`${path}.moved`);
    });

    it('closes even if its path is gone, or may no longer be changed', async () => {
      const gone = freshPlace();
      const one = await listen(gone);
      unlinkSync(gone);
      await one.close();
      expect(readdirSync(join(gone, '..'))).toEqual([]);

      const { directory, change } = placeForAll();
      const path = join(directory, 's');
      const other = await listen(path);
      unlinkSync(path);
      writeFileSync(path, 'mine');
      chmodSync(directory, 0o555);
      afterwards(() => chmodSync(directory, 0o777));
      change();
      await other.close();
      expect(readFileSync(path, 'utf8')).toBe('mine');
    });

    it('is not affected if unlink is false', async () => {
      const path = freshPlace();
      const ear = await listen(path, { unlink: false });
      expect(await failure(listen(path, { unlink: false }))).toEqual(ipcError('ERR_IPC_IN_USE'));
      await expectReached(path, ear);
    });
  });

  describe('A file that is not a socket at a local path', () => {
    const things: [string, (path: string) => void, (path: string) => boolean][] = [
      ['a file', (path) => writeFileSync(path, 'mine'), (path) => readFileSync(path, 'utf8') === 'mine'],
      ['a directory', (path) => mkdirSync(path), (path) => lstatSync(path).isDirectory()],
      [
        'a link into nowhere',
        (path) => symlinkSync('/nowhere/at/all', path),
        (path) => lstatSync(path).isSymbolicLink(),
      ],
      [
        'a link to a file',
        (path) => {
          writeFileSync(`${path}.target`, 'mine');
          symlinkSync(`${path}.target`, path);
        },
        (path) => lstatSync(path).isSymbolicLink() && readFileSync(path, 'utf8') === 'mine',
      ],
    ];

    for (const [name, put, untouched] of things) {
      for (const unlink of [true, 'force', false] as const) {
        it(`is kept if it is ${name} and unlink is ${unlink}`, async () => {
          const path = freshPlace();
          put(path);
          const error = await failure(listen(path, { unlink }));
          expect(error).toEqual(
            ipcError('ERR_IPC_IN_USE', unlink === false ? '' : 'not a socket is there; move it'),
          );
          expect(untouched(path)).toBeTrue();
        });
      }
    }

    it('is kept if it is a link to a living socket, which continues serving', async () => {
      const path = freshPlace();
      const ear = await listen(path);
      const link = `${path}.link`;
      symlinkSync(path, link);
      for (const unlink of [true, 'force'] as const) {
        expect(await failure(listen(link, { unlink }))).toEqual(ipcError('ERR_IPC_IN_USE'));
      }
      await expectReached(link, ear);
    });
  });

  describe('With sameUser,', () => {
    const linuxWay = (path: string) => dial(path, { sameUser: true });
    const otherWay = async (path: string) => {
      const socket = dialWatched(path);
      afterwards(() => socket.destroy());
      await new Promise<unknown>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      return socket;
    };

    for (const [how, connecting] of [
      ['as Linux does it', linuxWay],
      ['as other systems do it', otherWay],
    ] as const) {
      it(`a client uses a socket of its own user, ${how}`, async () => {
        if (!linux && connecting === linuxWay) pending('this is not Linux');
        const path = freshPath();
        const ear = await listen(path);
        const socket = await connecting(path);
        expect(socket.readyState).toBe('open');
        await ear.socket();
      });

      it(`a client fails as usual if there is no socket, and does not use one that appears meanwhile, ${how}`, async () => {
        const nobody = await failure(connecting(freshPath()));
        expect(nobody as { code: string }).toEqual(jasmine.objectContaining({ code: 'ENOENT' }));
      });

      it(`a client does not use a socket of another user, ${how}`, async () => {
        const path = freshPath();
        await listen(path);
        spyOn(process as { geteuid(): number }, 'geteuid').and.returnValue(4711);
        const refused = ipcError('ERR_IPC_REFUSED', 'config.sameUser');
        expect(await failure(connecting(path))).toEqual(refused);
      });
    }

    it('a client reaches the socket that was checked, not the one that has replaced it (Linux)', async () => {
      if (!linux) pending('only Linux connects to a file that is open');
      const path = freshPlace();
      const ear = await listen(path);
      const { fstatSync } = fs;
      let thief: Ear | undefined;
      const stolen = listen(`${path}.thief`).then((other) => {
        thief = other;
      });
      await stolen;
      spyOn(fs, 'fstatSync').and.callFake(((descriptor: number) => {
        const stats = fstatSync(descriptor);
        renameSync(path, `${path}.moved`);
        renameSync(`${path}.thief`, path);
        return stats;
      }) as never);
      await dial(path, { sameUser: true });
      await ear.socket();
      expect(thief?.sockets).toEqual([]);
      renameSync(path, `${path}.thief`);
      renameSync(`${path}.moved`, path);
    });

    it('a client drops a connection whose file was swapped and swapped back in the meantime, before it sends anything', async () => {
      const path = freshPlace();
      await listen(path);
      const thief = await listen(`${path}.thief`);
      const socket = dialWatchedBy(path, () => {
        renameSync(path, `${path}.moved`);
        renameSync(`${path}.thief`, path);
      });
      renameSync(path, `${path}.thief`);
      renameSync(`${path}.moved`, path);
      const [error] = await once<[Error]>(socket, 'error');
      expect(error).toEqual(ipcError('ERR_IPC_REFUSED', 'was replaced while this client connected'));
      expect((await thief.socket()).bytesRead).toBe(0);
    });

    it('a client drops such a connection for good, and reports it', async () => {
      const path = freshPath();
      await listen(path);
      spyOn(process as { geteuid(): number }, 'geteuid').and.returnValue(4711);
      const client = freshIPC({ sameUser: true }).connectTo('world', path);
      expect(await failure(client.ready())).toEqual(ipcError('ERR_IPC_REFUSED', 'belongs to user'));
    });

    it('a client cannot use a socket without a file', async () => {
      if (!linux) pending('only Linux has abstract sockets');
      const refused = ipcError('ERR_IPC_CONFIG', 'config.sameUser needs a socket with a file');
      expect(await failure(dial('\0omni-ipc.spec.same-user', { sameUser: true }))).toEqual(refused);
    });
  });

  describe('Another user’s socket', () => {
    it('is kept even if unlink is force, in a shared directory, with the reason', async () => {
      needsRoot();
      const directory = directoryForAll();
      const path = join(directory, 's');
      await listen(path);
      const lines = startAsOther(`import ipc from '${pathToFileURL(inProject('dist/index.js'))}';
        ipc.config.silent = true;
        ipc.config.unlink = 'force';
        ipc.serve('${path}');
        ipc.server.start().catch((error) => console.log(error.code, error.message));`);
      const [said] = await lines.waitForLine(/^ERR_.*$/);
      expect(said).toContain('ERR_IPC_IN_USE');
      expect(said).toContain('of user 0 may not be removed by this user (EPERM)');
    });
  });
}

if (linux) {
  describe('An abstract socket', () => {
    let count = 0;
    const freshName = () => `\0omni-ipc.spec.${process.pid}.${++count}`;

    it('works like other sockets, without a file', async () => {
      const path = freshName();
      for (const unlink of [true, false, 'force'] as const) {
        const ear = await listen(path, { unlink, readableAll: true, writableAll: true });
        await expectReached(path, ear);
        await ear.close();
      }
      expect(identify(path)).toBeUndefined();
      const refused = await failure(dial(path));
      expect(refused as { code: string }).toEqual(jasmine.objectContaining({ code: 'ECONNREFUSED' }));
    });

    it('is refused while another server listens on it, and free when that one is gone', async () => {
      const path = freshName();
      const ear = await listen(path);
      expect(await failure(listen(path))).toEqual(ipcError('ERR_IPC_IN_USE', '@omni-ipc.spec.'));
      await ear.close();
      await expectReached(path, await listen(path));
    });
  });
}

describe('A busy local socket', () => {
  it('accepts hundreds of clients that connect at once', async () => {
    const path = freshPath();
    const ear = await listen(path, { maxConnections: 1000 });
    // On Windows each waits for its turn in a thread of Node's.
    const count = windows ? 100 : 400;
    const sockets = Array.from({ length: count }, () => {
      const socket = connect(platformPath(path));
      afterwards(() => socket.destroy());
      return once(socket, 'connect');
    });
    await Promise.all(sockets);
    await ear.socket(count);
    expect(ear.errors).toEqual([]);
  });
});
