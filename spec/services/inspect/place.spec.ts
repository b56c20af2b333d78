import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { surroundings } from '../../../lib/transports/user-directory.js';
import { inspectorPath, sweep } from '../../../services/inspect/place.js';
import { leaveDeadSocket } from '../../support/dead-socket.js';
import { ipcError } from '../../support/errors.js';
import { freshDirectory } from '../../support/places.js';

describe("The path of an inspector's socket", () => {
  beforeEach(() => {
    if (process.platform === 'win32') pending('Windows has no owners and modes');
  });

  it('is in a directory of the user alone, under a name that no other process has', () => {
    const home = freshDirectory();
    const here = { ...surroundings(), runtimeDirectory: undefined, temporaryDirectory: home };
    const path = inspectorPath(here);
    expect(dirname(path)).toBe(join(home, `omni-ipc-${here.user}`, 'inspect'));
    expect(basename(path)).toMatch(new RegExp(`^${process.pid}\\.0\\.[0-9a-f]{8}$`));
    expect(inspectorPath(here)).not.toBe(path);
  });

  it('is refused if others can enter the directory', () => {
    const home = freshDirectory();
    const here = { ...surroundings(), runtimeDirectory: undefined, temporaryDirectory: home };
    mkdirSync(join(home, `omni-ipc-${here.user}`), { mode: 0o700 });
    mkdirSync(join(home, `omni-ipc-${here.user}`, 'inspect'));
    chmodSync(join(home, `omni-ipc-${here.user}`, 'inspect'), 0o777);
    expect(() => inspectorPath(here)).toThrow(ipcError('ERR_IPC_ADDRESS', 'is open to other users'));
  });

  it('is cleaned of sockets of killed processes, and of nothing else', async () => {
    const directory = freshDirectory();
    const dead = join(directory, '4194305.0.00c0ffee');
    const unknown = join(directory, 'another');
    await leaveDeadSocket(dead);
    await leaveDeadSocket(unknown);
    writeFileSync(join(directory, '4194305.0.00c0ffed'), 'a file');
    await sweep(directory);
    expect(existsSync(dead)).toBeFalse();
    expect(existsSync(unknown)).toBeTrue();
    expect(readdirSync(directory)).toContain('4194305.0.00c0ffed');
  });
});
