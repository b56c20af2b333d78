import { spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { listeners } from '../../../cli/ls/kernel.js';
import { freshRuntime, inspected, socketsOf } from '../../support/inspected.js';
import { freshDirectory } from '../../support/places.js';
import { omniIpc, run, serve, values } from '../support.js';

const windows = process.platform === 'win32';

describe('omni-ipc ls', () => {
  it('lists servers by their state, owner, clients and program', async () => {
    if (windows) return pending('Windows lists no sockets');
    const root = freshDirectory();
    const { program } = await serve([], `unix:${join(root, 'app.alive')}`);
    const dead = await serve([], `unix:${join(root, 'app.dead')}`);
    const other = await serve([], `unix:${join(root, 'other')}`);
    await dead.program.kill('SIGKILL');
    const clients = [1, 2].map(() => omniIpc(['emit', `unix:${join(root, 'app.alive')}`, 'm', '-']));
    await program.waitForLine(/^2 connected$/);
    const listed = values((await run(['ls', '--socket-root', root])).stdout) as Record<string, unknown>[];
    expect(listed.filter(({ kind }) => kind === 'server')).toEqual([
      jasmine.objectContaining({
        address: `unix:${join(root, 'app.alive')}`,
        state: 'alive',
        owner: userInfo().username,
        ...(listeners() === undefined
          ? {}
          : { clients: 2, pid: program.process.pid, program: 'cli/main.js' }),
      }),
      jasmine.objectContaining({ address: `unix:${join(root, 'app.dead')}`, state: 'stale' }),
    ]);
    for (const client of clients) client.process.stdin.end();
    const all = values((await run(['ls', '--socket-root', root, '--all'])).stdout) as { address: string }[];
    expect(all.map(({ address }) => address)).toContain(other.address);
    const table = (await run(['ls', '--socket-root', root, '--pretty', '--stale'])).stdout;
    expect(table).toMatch(/^ADDRESS +KIND +STATE/);
    expect(table).toMatch(/app\.dead +server +stale/);
    expect(table).not.toContain('app.alive');
  });

  it('lists the channels of this user', async () => {
    if (windows) return pending('Windows lists no sockets');
    const runtime = freshDirectory();
    spawnSync('mkdir', ['-m', '700', join(runtime, 'omni-ipc')]);
    const { address } = await serve([], `unix:${join(runtime, 'omni-ipc', 'hub')}`);
    const program = omniIpc(['ls', '--socket-root', runtime], undefined, { XDG_RUNTIME_DIR: runtime });
    await program.exited;
    const listed = values(program.stdout) as Record<string, unknown>[];
    expect(listed).toContain(jasmine.objectContaining({ kind: 'channel', address, state: 'alive' }));
  });

  it('lists clients, servers and channels of inspected programs, with the dialects of the servers', async () => {
    if (windows) return pending('Windows has no inspector');
    const { runtime, sockets, env } = freshRuntime();
    const path = join(freshDirectory(), 'elsewhere');
    const program = inspected('spec/fixtures/inspected.ts', [path, 'both'], env);
    await program.waitForLine(/^up$/);
    await socketsOf(sockets);
    const { pid } = program.process;
    const listing = omniIpc(['ls', '--socket-root', runtime], undefined, env);
    const table = omniIpc(['ls', '--socket-root', runtime, '--pretty'], undefined, env);
    await Promise.all([listing.exited, table.exited]);
    const listed = values(listing.stdout).filter((entry) => (entry as { pid?: number }).pid === pid);
    const address = `unix:${path}`;
    expect(listed).toEqual([
      jasmine.objectContaining({ kind: 'server', address, state: 'alive', dialect: 'json', clients: 1 }),
      jasmine.objectContaining({ kind: 'process', servers: [address], clients: [address], channels: [] }),
    ]);
    expect(table.stdout).toMatch(/^PID +INSPECTED PROGRAM +NODE/m);
  });
});
