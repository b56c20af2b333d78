import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { freshIPC } from '../support/instances.js';
import { freshDirectory } from '../support/places.js';
import { Program, withoutCoverage } from '../support/processes.js';
import { projectRoot } from '../support/project.js';

/** Begins each program. */
const PROLOGUE = "import ipc from 'node-ipc-14'; ipc.config.silent = true; ipc.config.retry = 20;";

/** Starts a program of node-ipc 14, with its own defaults, in a runtime directory. */
function start14(runtime: string, code: string): Program {
  const program = new Program(process.execPath, ['--input-type=module', '-e', PROLOGUE + code], {
    cwd: projectRoot,
    env: { ...withoutCoverage(), XDG_RUNTIME_DIR: runtime },
  });
  afterwards(() => program.kill());
  return program;
}

/** A runtime directory, which is this process's too until the spec is over. */
function runtimeDirectory(): string {
  const before = process.env.XDG_RUNTIME_DIR;
  afterwards(() => {
    if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
    else process.env.XDG_RUNTIME_DIR = before;
  });
  const runtime = freshDirectory();
  process.env.XDG_RUNTIME_DIR = runtime;
  return runtime;
}

describe('node-ipc 14, at its own default path', () => {
  const socketRoot = 'node-ipc-14';

  it('serves our client', async () => {
    const runtime = runtimeDirectory();
    const program = start14(
      runtime,
      `ipc.config.id = 'world';
      ipc.serve(() => {
        ipc.server.on('message', (data, socket) => ipc.server.emit(socket, 'message', data + ' world!'));
        console.log('listens');
      });
      ipc.server.start();`,
    );
    await program.waitForLine(/^listens$/);
    const client = freshIPC({ socketRoot }).connectTo('world');
    const answer = once(client, 'message');
    client.emit('message', 'hello');
    expect((await answer)[0]).toBe('hello world!');
  });

  it('connects to our server, which creates the directory', async () => {
    const runtime = runtimeDirectory();
    const server = await freshIPC({ socketRoot, id: 'world' }).serve().start();
    if (process.platform !== 'win32') {
      expect(server.path).toBe(join(runtime, 'node-ipc', 'app.world'));
      expect(statSync(join(runtime, 'node-ipc')).mode & 0o777).toBe(0o700);
    }
    server.on('message', (data, socket) => server.emit(socket, 'message', `${data} world!`));
    const program = start14(
      runtime,
      `ipc.connectTo('world', () => {
        ipc.of.world.on('connect', () => ipc.of.world.emit('message', 'hello'));
        ipc.of.world.on('message', (data) => { console.log('got', data); ipc.disconnect('world'); });
      });`,
    );
    await program.waitForLine(/^got hello world!$/);
    expect((await program.exited).code).toBe(0);
  });
});
