import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshIPC } from '../../support/instances.js';
import { freshDirectory, freshPath } from '../../support/places.js';
import { omniIpc, run, serve, values } from '../support.js';

describe('omni-ipc stream', () => {
  /** A server whose handlers respond with streams. */
  async function serving(): Promise<{ address: string; ended: Promise<void> }> {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const path = freshPath();
    const server = freshIPC().serve(path);
    server.handle('count', async function* ({ to }: { to: number }) {
      for (let number = 1; number <= to; number++) yield { number };
    });
    server.handle('forever', async function* () {
      try {
        for (;;) {
          yield 'tick';
          await new Promise(setImmediate);
        }
      } finally {
        end();
      }
    });
    server.handle('double', async function* (_data: unknown, _peer: unknown, { body }) {
      for await (const item of body) yield typeof item === 'number' ? 2 * item : `${item}${item}`;
    });
    await server.start();
    return { address: `unix:${server.path}`, ended };
  }

  it('prints each item as a line of JSON', async () => {
    const { address } = await serving();
    const { code, stdout } = await run(['stream', address, 'count', '{"to":3}']);
    expect([code, values(stdout)]).toEqual([0, [{ number: 1 }, { number: 2 }, { number: 3 }]]);
  });

  it('sends a body from standard input or from a file', async () => {
    const { address } = await serving();
    const file = join(freshDirectory(), 'body.ndjson');
    writeFileSync(file, '1\n"two"\n');
    const typed = run(['stream', address, 'double', '--body', '-', '--text'], 'a\nb\n');
    const read = run(['stream', address, 'double', '--body', `@${file}`]);
    expect((await typed).stdout).toBe('"aa"\n"bb"\n');
    expect((await read).stdout).toBe('2\n"twotwo"\n');
  });

  it('also ends the stream on the server, after --count items and at Ctrl-C', async () => {
    const counted = await serving();
    expect((await run(['stream', counted.address, 'forever', '--count', '2'])).stdout).toBe(
      '"tick"\n"tick"\n',
    );
    await counted.ended;
    const interrupted = await serving();
    const program = omniIpc(['stream', interrupted.address, 'forever']);
    await program.waitForLine(/tick/);
    const { code } = await program.kill('SIGINT');
    if (process.platform !== 'win32') expect(code).toBe(130); // Windows has no signals: the process is ended
    await interrupted.ended;
  });

  it('says in one line what went wrong, with an exit code', async () => {
    const { address } = await serving();
    const unknown = await run(['stream', address, 'nothing']);
    expect([unknown.code, unknown.stderr]).toEqual([
      6,
      jasmine.stringMatching(/^omni-ipc: ERR_IPC_NO_HANDLER: .*\n$/),
    ]);
    const wrong = await run(['stream', address, 'count', '--body', 'file']);
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      'omni-ipc: --body takes @FILE, or - for standard input.\n',
    ]);
    expect((await run(['stream', 'udp4://127.0.0.1:1', 'count'])).code).toBe(2);
  });

  it('gets an answer from serve for the longest name that a server accepts', async () => {
    const { address } = await serve(['--echo']);
    const outcome = await run(['stream', address, 'n'.repeat(4096), '1']);
    expect(outcome).toEqual({ code: 0, stdout: '1\n', stderr: '' });
  });
});
