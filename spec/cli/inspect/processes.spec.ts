import { chmodSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Processes } from '../../../cli/inspect/processes.js';
import { afterwards } from '../../support/afterwards.js';
import { freshRuntime } from '../../support/inspected.js';

describe('The processes that are inspected', () => {
  it('are not waited for again once they are blocked', async () => {
    if (process.platform === 'win32') return pending('Windows has no inspector');
    const { runtime } = freshRuntime();
    const before = process.env.XDG_RUNTIME_DIR;
    process.env.XDG_RUNTIME_DIR = runtime;
    afterwards(() => {
      if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
      else process.env.XDG_RUNTIME_DIR = before;
    });
    const directory = join(runtime, 'omni-ipc', 'inspect');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(join(runtime, 'omni-ipc'), 0o700);
    const silent = createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => {
      silent.listen(join(directory, '1.0.0123abcd'), resolve);
    });
    afterwards(() => silent.close());
    const met: { readonly blocked: boolean }[] = [];
    const processes = new Processes((one) => met.push(one));
    afterwards(() => processes.close());
    await processes.refresh(50);
    expect(met.map(({ blocked }) => blocked)).toEqual([true]);
    const hour = 3_600_000;
    await processes.refresh(hour);
    await processes.refresh(hour);
    expect(processes.all).toEqual([]);
  });
});
