import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import ipc, * as root from '../index.js';
import { IPC as Plain } from '../services/ipc.js';
import { freshDirectory } from './support/places.js';
import { start } from './support/processes.js';
import { built } from './support/project.js';

const require = createRequire(import.meta.url);

describe('The root of the package', () => {
  it('is one ready instance', () => {
    expect(ipc).toBeInstanceOf(root.IPC);
    expect(ipc.config.appspace).toBe('app.');
  });

  it('gives the same object to import and to require', () => {
    expect(require('../index.js')).toBe(ipc);
  });

  it('names what a program needs besides', () => {
    expect(Object.keys(root).sort()).toEqual([
      'ClientStatus',
      'IPC',
      'IPCError',
      'default',
      'module.exports',
    ]);
    expect(root.IPC).toBe(Plain);
    expect(ipc.IPC).toBe(root.IPC);
    expect(new root.IPCError('ERR_IPC_CLOSED', 'closed')).toBeInstanceOf(Error);
    expect(root.ClientStatus.READY).toBe(3);
  });

  it('gives strings node-ipc’s styles, and the class without the root does not', async () => {
    const file = join(freshDirectory(), 'styles.mjs');
    const load = (name: string) => `await import(${JSON.stringify(join(built, name))});`;
    writeFileSync(
      file,
      `${load('services/ipc.js')} console.log(typeof 'text'.debug); ${load('index.js')} console.log(typeof 'text'.debug);`,
    );
    const program = start(file);
    expect(await program.exited).toEqual({ code: 0, signal: null });
    expect(program.stdout).toBe('undefined\nstring\n');
  });
});
