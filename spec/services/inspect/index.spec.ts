import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshRuntime, inspected, preload, socketsOf } from '../../support/inspected.js';
import { freshDirectory } from '../../support/places.js';
import { start } from '../../support/processes.js';
import { built } from '../../support/project.js';

const program = 'spec/fixtures/inspected.ts';

describe('The preload omni-ipc/inspect', () => {
  beforeEach(() => {
    if (process.platform === 'win32') pending('Windows has no owners and modes');
  });

  it('works in NODE_OPTIONS, for a process and its children, and loads once if it is named twice', async () => {
    const { sockets, env } = freshRuntime();
    const path = join(freshDirectory(), 's');
    const options = [...preload(), ...preload('--require')].join(' ');
    const server = start(program, [path, 'serve'], { ...env, NODE_OPTIONS: options });
    await server.waitForLine(/^up$/);
    const client = start(program, [path, 'connect'], { ...env, NODE_OPTIONS: options });
    await client.waitForLine(/^up$/);
    const found = await socketsOf(sockets, 2);
    for (const { process } of [server, client])
      expect(found.some((socket) => socket.includes(`/${process.pid}.0.`))).toBeTrue();
  });

  it('opens no socket for a program without a client, server or channel', async () => {
    const { runtime, env } = freshRuntime();
    const idle = inspected(program, ['unused', 'nothing'], env);
    await idle.waitForLine(/^up$/);
    idle.process.stdin.end();
    expect((await idle.exited).code).toBe(0);
    expect(existsSync(join(runtime, 'omni-ipc'))).toBeFalse();
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`lets ${signal} end the program as it would otherwise, and leaves no socket behind`, async () => {
      const { sockets, env } = freshRuntime();
      const server = inspected(program, [join(freshDirectory(), 's'), 'serve'], env);
      await server.waitForLine(/^up$/);
      await socketsOf(sockets);
      expect(await server.kill(signal)).toEqual({ code: null, signal });
      expect([sockets(), server.stderr]).toEqual([[], '']);
    });
  }

  it('leaves a signal to the handler that the program has for it', async () => {
    const { sockets, env } = freshRuntime();
    const file = join(freshDirectory(), 'graceful.mjs');
    writeFileSync(
      file,
      `import { IPC } from ${JSON.stringify(join(built, 'services/ipc/index.js'))};
      const ipc = new IPC();
      ipc.config.silent = true;
      await ipc.serve(${JSON.stringify(join(freshDirectory(), 's'))}).start();
      process.on('SIGTERM', () => setTimeout(() => process.exit(7), 20));
      console.log('up');`,
    );
    const graceful = start(process.execPath, [...preload(), file], env);
    await graceful.waitForLine(/^up$/);
    await socketsOf(sockets);
    expect(await graceful.kill('SIGTERM')).toEqual({ code: 7, signal: null });
    expect(sockets()).toEqual([]);
  });

  it('removes sockets that a killed process has left', async () => {
    const { sockets, env } = freshRuntime();
    const first = inspected(program, [join(freshDirectory(), 's'), 'serve'], env);
    await first.waitForLine(/^up$/);
    const [left = ''] = await socketsOf(sockets);
    await first.kill('SIGKILL');
    expect(existsSync(left)).toBeTrue();
    const second = inspected(program, [join(freshDirectory(), 's'), 'serve'], env);
    await second.waitForLine(/^up$/);
    while (sockets().includes(left)) await new Promise(setImmediate);
    const [there = ''] = await socketsOf(sockets);
    expect(there).toContain(`/${second.process.pid}.0.`);
  });

  it('warns, and does not affect the program, if the directory is not private to the user', async () => {
    const { runtime, env } = freshRuntime();
    mkdirSync(join(runtime, 'omni-ipc'));
    chmodSync(join(runtime, 'omni-ipc'), 0o777);
    const server = inspected(program, [join(freshDirectory(), 's'), 'both'], env);
    await server.waitForLine(/^up$/);
    await server.waitForLine(
      /omni-ipc\/inspect: this process cannot be inspected\. .* is open to other users/,
    );
    server.process.stdin.end();
    expect((await server.exited).code).toBe(0);
  });

  it('includes the worker threads of a program', async () => {
    const { sockets, env } = freshRuntime();
    const file = join(freshDirectory(), 'threads.mjs');
    writeFileSync(
      file,
      `import { Worker } from 'node:worker_threads';
      const worker = new Worker(new URL(${JSON.stringify(`file://${join(built, program.replace('.ts', '.js'))}`)}), {
        argv: [${JSON.stringify(join(freshDirectory(), 's'))}, 'serve'], stdin: true,
      });
      process.stdin.on('end', () => worker.stdin.end()).resume();`,
    );
    const threads = start(process.execPath, [...preload(), file], env);
    await threads.waitForLine(/^up$/);
    const [socket = ''] = await socketsOf(sockets);
    expect(socket).toMatch(new RegExp(`/${threads.process.pid}\\.1\\.`));
    threads.process.stdin.end();
    await threads.exited;
    expect(sockets()).toEqual([]);
  });
});
