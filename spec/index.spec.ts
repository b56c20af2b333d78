import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ipc, * as root from '../index.js';
import { IPC as Plain } from '../services/ipc/index.js';
import { freshDirectory } from './support/places.js';
import { start } from './support/processes.js';
import { built } from './support/project.js';

describe('The root of the package', () => {
  it('is an instance that is ready to use', () => {
    expect(ipc).toBeInstanceOf(root.IPC);
    expect(ipc.config.appspace).toBe('app.');
  });

  it('also exports the classes and functions that a program needs', () => {
    expect(Object.keys(root).sort()).toEqual([
      'ClientStatus',
      'IPC',
      'IPCError',
      'IPCModule',
      'default',
      'intercept',
      'registerCodec',
      'remote',
    ]);
    expect(root.IPC).toBe(Plain);
    expect(root.IPCModule).toBe(Plain);
    expect(ipc.IPC).toBe(root.IPC);
    expect(new root.IPCError('ERR_IPC_CLOSED', 'closed')).toBeInstanceOf(Error);
    expect(root.ClientStatus.READY).toBe(3);
  });

  it('changes no globals', async () => {
    const file = join(freshDirectory(), 'globals.mjs');
    writeFileSync(
      file,
      `const owners = [globalThis, ...Object.getOwnPropertyNames(globalThis).map((name) => globalThis[name]?.prototype)]
        .filter((owner) => owner !== null && owner !== undefined);
      const names = () => owners.map((owner) => Reflect.ownKeys(owner).map(String).join());
      const before = names();
      await import(${JSON.stringify(pathToFileURL(join(built, 'index.js')).href)});
      console.log(names().filter((now, index) => now !== before[index]).length);`,
    );
    const program = start(file);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stdout).toBe('0\n');
  });
});
