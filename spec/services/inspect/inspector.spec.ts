import { join } from 'node:path';
import type { WatchBatch } from '../../../services/inspect/records.js';
import type { ProcessReport } from '../../../services/inspect/report.js';
import { freshRuntime, inspected, inspectorAt, socketsOf } from '../../support/inspected.js';
import { freshDirectory } from '../../support/places.js';

describe('The inspector', () => {
  beforeEach(() => {
    if (process.platform === 'win32') pending('Windows has no owners and modes');
  });

  function place(): ReturnType<typeof freshRuntime> & { path: string } {
    return { ...freshRuntime(), path: join(freshDirectory(), 's') };
  }

  it('describes a program, streams its packets, and ends with the program while it is watched', async () => {
    const { sockets, env, path } = place();
    const program = inspected('spec/fixtures/inspected.ts', [path, 'both'], env);
    await program.waitForLine(/^up$/);
    const [socket = ''] = await socketsOf(sockets);
    const client = inspectorAt(socket);
    const report = (await client.request('report')) as ProcessReport;
    expect(report).toEqual(
      jasmine.objectContaining({ pid: program.process.pid, thread: 0, program: 'fixtures/inspected.js' }),
    );
    const described = report.instances.items.map((one) => [
      one.ref,
      one.kind,
      'address' in one && one.address,
    ]);
    expect(described).toEqual([
      [1, 'server', `unix:${path}`],
      [2, 'client', `unix:${path}`],
    ]);
    const seen: WatchBatch[] = [];
    for await (const item of client.stream('watch', { interval: 50, payloads: true })) {
      seen.push(item as WatchBatch);
      const calls = seen.flatMap((batch) => batch.calls);
      if (calls.some(({ kind, error }) => kind === 'handled' && error === 'ERR_SLOW')) break;
    }
    const types = new Set(seen.flatMap(({ packets }) => packets.map(({ type }) => type)));
    expect([...types].sort()).toEqual(['add', 'slow', 'tick']);
    expect(seen.flatMap(({ packets }) => packets).some(({ data }) => data?.includes('hush'))).toBeTrue();
    const slow = seen.flatMap(({ handlers }) => handlers).find(({ type }) => type === 'slow');
    expect(slow?.most).toBeGreaterThan(30);
    const watched = client.stream('watch', { interval: 50 })[Symbol.asyncIterator]();
    await watched.next();
    program.process.stdin.end();
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect([program.stderr, sockets()]).toEqual(['', []]);
    await watched.next().catch(() => {});
  });

  it('keeps no program running', async () => {
    const { sockets, env, path } = place();
    const program = inspected('spec/fixtures/unref.ts', ['server', path], env);
    const exit = await program.exited;
    expect([exit.signal, sockets(), program.stderr]).toEqual([null, [], '']);
  });

  it('refuses a ninth watcher', async () => {
    const { sockets, env, path } = place();
    const program = inspected('spec/fixtures/inspected.ts', [path, 'serve'], env);
    await program.waitForLine(/^up$/);
    const [socket = ''] = await socketsOf(sockets);
    const client = inspectorAt(socket);
    const streams = Array.from({ length: 9 }, () => client.stream('watch', { interval: 50 }));
    const ends = await Promise.all(
      streams.map((stream) =>
        stream[Symbol.asyncIterator]()
          .next()
          .then(
            () => 'watches',
            ({ code }) => code,
          ),
      ),
    );
    expect(ends.filter((end) => end === 'watches').length).toBe(8);
    expect(ends).toContain('ERR_IPC_FULL');
  });
});
