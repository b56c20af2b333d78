import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { identify } from '../../../lib/transports/socket-file.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';
import { freshIPC, type Settings } from '../../support/instances.js';
import { freshDirectory } from '../../support/places.js';

function freshPlace(): string {
  return join(freshDirectory(), 's');
}

/** Listens, has a client, and loses its socket file in some way. */
async function losing(path: string, lose: (path: string) => void, settings: Settings = {}) {
  const lines: string[] = [];
  const ipc = freshIPC({ silent: false, logger: (line) => lines.push(line), ...settings });
  const server = await ipc.serve(path).start();
  server.on('message', (data, socket) => server.emit(socket, 'message', data));
  const client = await freshIPC().connectTo('kept', path).ready();
  const before = identify(path)?.file;
  lose(path);
  return { server, client, before, lines };
}

if (process.platform !== 'win32') {
  describe('A server whose socket file disappears', () => {
    it('listens again, however the file was lost, and its connections continue', async () => {
      // All at once, because each waits until the server looks.
      const losses: [lose: (path: string) => void, settings?: Settings][] = [
        [unlinkSync],
        [unlinkSync, { mode: 0o600 }],
        [unlinkSync, { unlink: false }],
        [unlinkSync, { unlink: 'force' }],
        [(path) => renameSync(path, `${path}.moved`)],
      ];
      const recover = async ([lose, settings]: (typeof losses)[number]) => {
        const path = freshPlace();
        const { server, client, before, lines } = await losing(path, lose, settings);
        await once(server, 'ipc:relisten');
        expect(identify(path)?.file).not.toBe(before as string);
        expect(lines.some((line) => line.includes(path) && line.includes('listening again'))).toBeTrue();
        const echo = once(client, 'message');
        client.emit('message', 'still here');
        expect((await echo)[0]).toBe('still here');
        const next = await freshIPC().connectTo('next', path).ready();
        const answer = once(next, 'message');
        next.emit('message', 'here too');
        expect((await answer)[0]).toBe('here too');
        await server.stop();
        expect(readdirSync(dirname(path)).filter((name) => name !== 's.moved')).toEqual([]);
      };
      await Promise.all(losses.map(recover));
    });

    it('listens again repeatedly', async () => {
      const path = freshPlace();
      const { server } = await losing(path, unlinkSync);
      await once(server, 'ipc:relisten');
      unlinkSync(path);
      await once(server, 'ipc:relisten');
      const client = await freshIPC().connectTo('world', path).ready();
      expect(client.connected).toBeTrue();
    });

    it('listens again when its directory is back, and reports the loss once', async () => {
      const directory = join(freshDirectory(), 'deep');
      mkdirSync(directory);
      const path = join(directory, 's');
      const { server } = await losing(path, () => rmSync(dirname(directory), { recursive: true }));
      const errors: unknown[] = [];
      server.on('error', (error) => errors.push(error));
      await once(server, 'error');
      mkdirSync(dirname(directory));
      await once(server, 'ipc:relisten');
      expect(errors).toEqual([ipcError('ERR_IPC_ADDRESS', 'does not exist')]);
    });

    it('does not disturb a server that has taken the path, reports it once, and does not remove its socket', async () => {
      const path = freshPlace();
      const { server } = await losing(path, unlinkSync, { unlink: 'force' });
      const other = createServer((socket) => socket.destroy()).listen(path);
      afterwards(() => other.close());
      await once(other, 'listening');
      const [error] = await once(server, 'error');
      expect(error).toEqual(ipcError('ERR_IPC_IN_USE', 'a server listens there already'));
      const taken = identify(path)?.file;
      await server.stop();
      expect(identify(path)?.file).toBe(taken as string);
    });

    for (const [what, put] of [
      ['a file', (path: string) => writeFileSync(path, 'mine')],
      ['a link', (path: string) => symlinkSync('/nowhere', path)],
    ] as const) {
      it(`does not remove ${what} that has taken the path`, async () => {
        const path = freshPlace();
        const { server } = await losing(path, (lost) => {
          unlinkSync(lost);
          put(lost);
        });
        const [error] = await once(server, 'error');
        expect(error).toEqual(ipcError('ERR_IPC_IN_USE', 'not a socket is there'));
        await server.stop();
        expect(readdirSync(dirname(path))).toEqual(['s']);
      });
    }
  });

  describe('A server that stops while another file is at its path', () => {
    /** Stops it, and calls `meddle` when it puts the other file back. */
    async function stopping(
      meddle: (path: string) => void,
    ): Promise<{ path: string; stopped: Promise<void> }> {
      const path = freshPlace();
      const server = await freshIPC().serve(path).start();
      unlinkSync(path);
      writeFileSync(path, 'another');
      const fs = process.getBuiltinModule('node:fs');
      const { linkSync: link } = fs;
      const restoring = spyOn(fs, 'linkSync').and.callFake((from, to) => {
        if (restoring.calls.count() === 2) meddle(path);
        link(from, to);
      });
      return { path, stopped: server.stop() };
    }

    it('puts it back, and leaves nothing else', async () => {
      const { path, stopped } = await stopping(() => {});
      await stopped;
      expect(readdirSync(dirname(path))).toEqual(['s']);
      expect(readFileSync(path, 'utf8')).toBe('another');
    });

    it('does not overwrite a third file that is there by then', async () => {
      const { path, stopped } = await stopping((place) => writeFileSync(place, 'third'));
      await stopped;
      expect(readdirSync(dirname(path))).toEqual(['s']);
      expect(readFileSync(path, 'utf8')).toBe('third');
    });
  });

  describe('The address of Node’s own server', () => {
    it('is the path, wherever the socket was bound', async () => {
      const path = freshPlace();
      const server = await freshIPC({ mode: 0o600 }).serve(path).start();
      expect(server.server && (server.server.address() as unknown)).toBe(path);
    });
  });
}
