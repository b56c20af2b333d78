import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { descriptorOf, type Inherited } from '../../../lib/transports/inherited.js';
import { afterwards } from '../../support/afterwards.js';
import { ipcError } from '../../support/errors.js';
import { failure, once } from '../../support/events.js';
import { freshIPC } from '../../support/instances.js';
import { freshDirectory } from '../../support/places.js';
import { withoutCoverage } from '../../support/processes.js';
import { built } from '../../support/project.js';

const fixture = join(built, 'spec/fixtures/inherited.js');

interface Passed {
  server: Server;
  fd: number;
}

/** A socket that listens, for another process to accept on: this one closes it when it has been passed on. */
async function listening(path?: string): Promise<Passed> {
  const server = createServer();
  // Closing removes the name that it was bound to.
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : `${path}.new`);
  afterwards(() => server.close());
  await once(server, 'listening');
  if (path !== undefined) renameSync(`${path}.new`, path);
  return { server, fd: (server as unknown as { _handle: { fd: number } })._handle.fd };
}

/** Starts a program with descriptors from 3 on, and waits for its line. */
async function startWith(command: string, args: string[], passed: Passed[], env = {}): Promise<string> {
  const child = spawn(command, args, {
    env: { ...withoutCoverage(), ...env },
    stdio: ['pipe', 'pipe', 'inherit', ...passed.map(({ fd }) => fd)],
  });
  for (const { server } of passed) server.close();
  afterwards(async () => {
    const gone = once(child, 'close');
    child.stdin?.end();
    await gone;
  });
  const [line] = await once<[string]>(
    createInterface({ input: child.stdout as NodeJS.ReadableStream }),
    'line',
  );
  return line;
}

/** As systemd does, which tells the process that it becomes its own number. */
function activate(given: Inherited, passed: Passed[], env: NodeJS.ProcessEnv): Promise<string> {
  const script = 'LISTEN_PID=$$ exec "$0" "$1" "$2"';
  return startWith('sh', ['-c', script, process.execPath, fixture, JSON.stringify(given)], passed, env);
}

async function answerAt(path: string): Promise<unknown> {
  const client = freshIPC().connectTo('world', path);
  const answer = once(client, 'message');
  client.emit('message', 'hello');
  return (await answer)[0];
}

if (process.platform !== 'win32') {
  describe('A socket that this process inherited', () => {
    it('can be served by its descriptor', async () => {
      const path = join(freshDirectory(), 's');
      const passed = await listening(path);
      const line = await startWith(process.execPath, [fixture, '{"fd":3}'], [passed]);
      expect(line).toBe('started fd:3 undefined');
      expect(await answerAt(path)).toBe('hello world!');
      expect(existsSync(path)).toBeTrue();
    });

    it('can be served over TCP, and reports its port', async () => {
      const passed = await listening();
      const { port } = passed.server.address() as { port: number };
      const line = await startWith(process.execPath, [fixture, '{"fd":3}'], [passed]);
      expect(line).toBe(`started fd:3 ${port}`);
      const client = freshIPC().connectToNet('world', '127.0.0.1', port);
      const answer = once(client, 'message');
      client.emit('message', 'hello');
      expect((await answer)[0]).toBe('hello world!');
    });

    it('is found by the variables of systemd, the first one or the one with a name', async () => {
      const path = join(freshDirectory(), 's');
      const other = join(freshDirectory(), 's');
      const env = { LISTEN_FDS: '2', LISTEN_FDNAMES: 'one:two' };
      const passed = async () => [await listening(path), await listening(other)];
      expect(await activate({ systemd: 'two' }, await passed(), env)).toBe('started fd:4 undefined');
      expect(await answerAt(other)).toBe('hello world!');
      expect(await activate({ systemd: true }, await passed(), env)).toBe('started fd:3 undefined');
      expect(await answerAt(path)).toBe('hello world!');
    });

    it('works with systemd-socket-activate', async () => {
      if (spawnSync('systemd-socket-activate', ['--version']).error !== undefined)
        pending('systemd-socket-activate is not installed');
      const path = join(freshDirectory(), 's');
      const args = ['-l', path, process.execPath, fixture, '{"systemd":true}'];
      const child = spawn('systemd-socket-activate', args, {
        env: withoutCoverage(),
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      afterwards(async () => {
        const gone = once(child, 'close');
        child.kill('SIGKILL');
        await gone;
      });
      expect(await answerAt(path)).toBe('hello world!');
    });

    it('is refused with a remedy if the descriptor is invalid', async () => {
      const server = freshIPC().serve({ fd: 999 });
      expect(await failure(server.start())).toEqual(ipcError('ERR_IPC_ADDRESS', 'Cannot listen on fd:999'));
    });

    it('is refused with a remedy if it is not a socket', async () => {
      const file = openSync(join(freshDirectory(), 'file'), 'w');
      afterwards(() => closeSync(file));
      expect(await failure(freshIPC().serve({ fd: file }).start())).toEqual(
        ipcError('ERR_IPC_ADDRESS', 'this descriptor is not a socket that listens'),
      );
    });

    it('cannot get other permissions', async () => {
      const { fd } = await listening(join(freshDirectory(), 's'));
      const server = freshIPC({ mode: 0o600 }).serve({ fd });
      expect(await failure(server.start())).toEqual(
        ipcError('ERR_IPC_CONFIG', 'config.mode is for socket files, not for a socket that listens already'),
      );
    });
  });
}

describe('The name of an inherited socket', () => {
  const mine = { LISTEN_PID: String(process.pid), LISTEN_FDS: '2', LISTEN_FDNAMES: 'one:two' };

  it('is a descriptor, or refers to the first or a named socket of systemd', () => {
    expect(descriptorOf({ fd: 7 })).toBe(7);
    expect(descriptorOf({ systemd: true }, mine)).toBe(3);
    expect(descriptorOf({ systemd: 'one' }, mine)).toBe(3);
    expect(descriptorOf({ systemd: 'two' }, mine)).toBe(4);
  });

  it('is refused if it names nothing', () => {
    const wrong: [object, string][] = [
      [{}, 'serve({}) names no socket; give a path'],
      [{ fd: -1 }, 'serve({ fd: -1 }) needs the number of a descriptor'],
      [{ fd: '3' }, "serve({ fd: '3' }) needs the number of a descriptor"],
      [{ fd: 3, systemd: true }, 'not both'],
      [{ systemd: false }, 'needs true'],
      [{ path: '/tmp/x' }, 'serve({ path }) is not known; give a path'],
    ];
    for (const [given, message] of wrong)
      expect(() => descriptorOf(given, mine)).toThrow(ipcError('ERR_IPC_ARGUMENT', message));
  });

  it('is refused with the reason if systemd has passed nothing to this process', () => {
    const wrong: [NodeJS.ProcessEnv, boolean | string, string][] = [
      [{}, true, 'LISTEN_FDS is not set'],
      [{ ...mine, LISTEN_FDS: 'x' }, true, 'LISTEN_FDS is not set'],
      [{ ...mine, LISTEN_PID: '1' }, true, `its sockets are for process 1, and this is ${process.pid}`],
      [mine, 'three', "it has none named 'three' (LISTEN_FDNAMES is 'one:two')"],
      [{ ...mine, LISTEN_FDS: '1' }, 'two', "it has none named 'two'"],
    ];
    for (const [env, systemd, message] of wrong)
      expect(() => descriptorOf({ systemd }, env)).toThrow(ipcError('ERR_IPC_ADDRESS', message));
  });
});
