import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { publish } from '../../../lib/transports/bind-file.js';
import { lock } from '../../../lib/transports/lock.js';
import { LONGEST_PATH } from '../../../lib/transports/platform-path.js';
import { identify } from '../../../lib/transports/socket-file.js';
import { afterwards } from '../../support/afterwards.js';
import { stopTime } from '../../support/clock.js';
import { leaveDeadSocket } from '../../support/dead-socket.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import { freshIPC, type Settings } from '../../support/instances.js';
import { freshDirectory } from '../../support/places.js';
import { type Program, start } from '../../support/processes.js';

const WORKERS = 3;

function startCluster(path: string, settings: Settings = {}): Program {
  return start('spec/fixtures/cluster.ts', [path, String(WORKERS), JSON.stringify(settings)]);
}

/** Waits until every worker has said a word, and gives their process ids. */
async function said(cluster: Program, word: RegExp): Promise<string[]> {
  const lines: string[] = [];
  while (lines.length < WORKERS) lines.push((await cluster.waitForLine(word))[1] ?? '');
  return lines.sort();
}

/** Asks each of so many connections who serves it. */
async function whoServes(path: string, connections: number): Promise<string[]> {
  const pids = new Set<string>();
  for (let i = 0; i < connections; i++) {
    const socket = connect(path);
    const [chunk] = await once(socket, 'data');
    socket.destroy();
    pids.add(String(JSON.parse(String(chunk).split('\f')[0] ?? '').data.pid));
  }
  return [...pids].sort();
}

if (process.platform !== 'win32') {
  describe('The workers of a cluster', () => {
    for (const unlink of [true, false, 'force'] as const) {
      for (const stale of [false, true]) {
        it(`all serve with unlink ${unlink} ${stale ? 'over a stale socket' : 'on a fresh path'}`, async () => {
          const path = join(freshDirectory(), 's');
          if (stale) await leaveDeadSocket(path);
          const cluster = startCluster(path, { unlink });
          const pids = await said(cluster, /^started (\d+)$/);
          expect(await whoServes(path, 4 * WORKERS)).toEqual(pids);
        });
      }
    }

    it('leave nothing behind when all have stopped', async () => {
      const path = join(freshDirectory(), 's');
      const cluster = startCluster(path, { mode: 0o600 });
      await said(cluster, /^started (\d+)$/);
      cluster.process.stdin.end();
      expect(await cluster.exited).toEqual({ code: 0, signal: null });
      expect(readdirSync(join(path, '..'))).toEqual([]);
    });

    it('serve again after their cluster was killed', async () => {
      const path = join(freshDirectory(), 's');
      const first = startCluster(path);
      await said(first, /^started (\d+)$/);
      await first.kill();
      const second = startCluster(path);
      const pids = await said(second, /^started (\d+)$/);
      expect(await whoServes(path, 4 * WORKERS)).toEqual(pids);
    });

    it('never take the path of a living server', async () => {
      const path = join(freshDirectory(), 's');
      const server = await freshIPC().serve(path).start();
      const cluster = startCluster(path);
      for (let i = 0; i < WORKERS; i++)
        await cluster.waitForLine(/^error ERR_IPC_IN_USE .* listens there already/);
      const reached = once(server, 'connect');
      const client = await freshIPC().connectTo('world', path).ready();
      await reached;
      expect(client.connected).toBeTrue();
      client.destroy();
    });

    it('take the path with force, once for all of them', async () => {
      const path = join(freshDirectory(), 's');
      await freshIPC().serve(path).start();
      const cluster = startCluster(path, { unlink: 'force' });
      const pids = await said(cluster, /^started (\d+)$/);
      expect(await whoServes(path, 4 * WORKERS)).toEqual(pids);
    });

    it('share a socket with the permissions of the config', async () => {
      const path = join(freshDirectory(), 's');
      const cluster = startCluster(path, { mode: 0o640 });
      await said(cluster, /^started (\d+)$/);
      expect(statSync(path).mode & 0o777).toBe(0o640);
    });

    it('all listen again when the socket file is deleted', async () => {
      const path = join(freshDirectory(), 's');
      const cluster = startCluster(path);
      const pids = await said(cluster, /^started (\d+)$/);
      const before = identify(path)?.file;
      const kept = connect(path);
      await once(kept, 'data');
      unlinkSync(path);
      expect(await said(cluster, /^relistened (\d+)$/)).toEqual(pids);
      expect(identify(path)?.file).not.toBe(before as string);
      expect(await whoServes(path, 4 * WORKERS)).toEqual(pids);
      expect(kept.destroyed).toBeFalse();
      kept.destroy();
      expect(existsSync(path)).toBeTrue();
    });
  });

  describe('A server with permissions of its own', () => {
    it('listens on the longest path that clients can use, and leaves nothing in the temporary directory', async () => {
      const temporary = freshDirectory();
      const { TMPDIR } = process.env;
      afterwards(() => {
        if (TMPDIR === undefined) delete process.env.TMPDIR;
        else process.env.TMPDIR = TMPDIR;
      });
      process.env.TMPDIR = temporary;
      const links = spyOn(process.getBuiltinModule('node:fs'), 'symlinkSync').and.callThrough();
      const start = freshDirectory();
      const directory = join(start, 'x'.repeat(LONGEST_PATH - start.length - '/'.length - '/s'.length));
      mkdirSync(directory);
      const path = join(directory, 's');
      expect(path.length).toBe(LONGEST_PATH);
      const server = await freshIPC({ mode: 0o640 }).serve(path).start();
      expect(statSync(path).mode & 0o777).toBe(0o640);
      expect(links).toHaveBeenCalledTimes(1);
      expect([readdirSync(temporary), readdirSync(directory)]).toEqual([[], ['s']]);
      const reached = once(server, 'connect');
      const client = await freshIPC().connectTo('world', path).ready();
      await reached;
      client.destroy();
      await server.stop();
      expect(readdirSync(directory)).toEqual([]);
    });
  });

  describe('A second name of a file', () => {
    it('is its only one where there are no hard links, never replaces a file, and other errors are thrown', () => {
      const directory = freshDirectory();
      const [file, path] = [join(directory, 'file'), join(directory, 'path')];
      writeFileSync(file, 'one');
      publish(file, path);
      expect(readdirSync(directory)).toEqual(['file', 'path']);
      expect(() => publish(file, path)).toThrow(jasmine.objectContaining({ code: 'EEXIST' }));
      const link = spyOn(process.getBuiltinModule('node:fs'), 'linkSync');
      const failing = (code: string) => link.and.throwError(Object.assign(new Error(code), { code }));
      for (const code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']) {
        failing(code);
        writeFileSync(file, code);
        expect(() => publish(file, path)).toThrow(jasmine.objectContaining({ code: 'EEXIST' }));
        unlinkSync(path);
        publish(file, path);
        expect([readdirSync(directory), readFileSync(path, 'utf8')]).toEqual([['path'], code]);
      }
      failing('EIO');
      unlinkSync(path);
      writeFileSync(file, 'kept');
      expect(() => publish(file, path)).toThrow(jasmine.objectContaining({ code: 'EIO' }));
      expect(readdirSync(directory)).toEqual(['file']);
    });
  });

  describe('A server that waits for the lock of its path', () => {
    it('fails as soon as another server listens there, although the lock is held', async () => {
      const path = join(freshDirectory(), 's');
      const unlock = await lock(path);
      const other = createServer((socket) => socket.destroy());
      afterwards(() => other.close());
      afterwards(unlock);
      stopTime(); // so that the patience with the holder does not end
      const refused = failure(freshIPC().serve(path).start());
      await new Promise<void>((resolve) => other.listen(path, resolve));
      expect(await refused).toEqual(ipcError('ERR_IPC_IN_USE', 'listens there already'));
    });

    it('continues to wait if a dead socket is there', async () => {
      const path = join(freshDirectory(), 's');
      await leaveDeadSocket(path);
      const unlock = await lock(path);
      const started = freshIPC().serve(path).start();
      await new Promise((resolve) => setTimeout(resolve, 50));
      unlock();
      await expectAsync(started).toBeResolved();
    });
  });
}
