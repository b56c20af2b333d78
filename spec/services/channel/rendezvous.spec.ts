import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { LONGEST_PATH } from '../../../lib/transports/platform-path.js';
import { type Surroundings, surroundings } from '../../../lib/transports/user-directory.js';
import { Rendezvous } from '../../../services/channel/rendezvous.js';
import { ipcError } from '../../support/errors.js';
import { freshDirectory } from '../../support/places.js';

const windows = process.platform === 'win32';

describe('Rendezvous', () => {
  let home: string;
  let here: Surroundings;

  beforeEach(() => {
    home = freshDirectory();
    here = { ...surroundings(), runtimeDirectory: undefined, temporaryDirectory: home };
  });

  function directoryOf(changes: Partial<Surroundings>): string {
    return new Rendezvous('shop', undefined, { ...here, ...changes }).directory;
  }

  function onUnix(): void {
    if (windows) pending('Windows has no owners and modes');
  }

  it("is in the user's runtime directory, if there is one", () => {
    onUnix();
    const runtimeDirectory = join(home, 'runtime');
    mkdirSync(runtimeDirectory, { mode: 0o700 });
    expect(directoryOf({ runtimeDirectory })).toBe(join(runtimeDirectory, 'omni-ipc'));
  });

  it("is in the user's part of the temporary directory, if the runtime directory is not private to the user", () => {
    onUnix();
    const open = join(home, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    const ours = join(home, `omni-ipc-${here.user}`);
    for (const runtimeDirectory of [undefined, '', 'relative', join(home, 'missing'), open]) {
      expect(directoryOf({ runtimeDirectory })).toBe(ours);
    }
  });

  it('refuses a directory whose path leaves no room for those of the sockets, before it makes it', () => {
    onUnix();
    const directory = join(home, 'x'.repeat(LONGEST_PATH - home.length - 1 - '/0123456789abcdef.hub'.length));
    const says = 'Choose a shorter one with the option directory.';
    expect(() => new Rendezvous('shop', `${directory}x`, here).secure()).toThrow(
      ipcError('ERR_IPC_ADDRESS', says),
    );
    expect(() => new Rendezvous('shop', directory, here).secure('billing')).toThrow(
      ipcError('ERR_IPC_ADDRESS', says),
    );
    expect(readdirSync(home)).toEqual([]);
    new Rendezvous('shop', directory, here).secure();
  });

  it('creates its directory for the user alone', () => {
    onUnix();
    const rendezvous = new Rendezvous('shop', undefined, here);
    rendezvous.secure();
    rendezvous.secure();
    expect(lstatSync(rendezvous.directory).mode & 0o777).toBe(0o700);
  });

  it('refuses a directory that other users may enter', () => {
    onUnix();
    const directory = join(home, 'open');
    mkdirSync(directory);
    chmodSync(directory, 0o710);
    expect(() => new Rendezvous('shop', directory).secure()).toThrow(
      ipcError('ERR_IPC_ADDRESS', 'is open to other users'),
    );
  });

  it('refuses a directory of another user', () => {
    onUnix();
    const directory = join(home, 'foreign');
    mkdirSync(directory, { mode: 0o700 });
    const root = process.getuid?.() === 0;
    if (root) chownSync(directory, 12345, 12345);
    const foreign = root ? directory : '/usr';
    expect(() => new Rendezvous('shop', foreign).secure()).toThrow(
      ipcError('ERR_IPC_ADDRESS', 'belongs to the user'),
    );
  });

  it('refuses a link, even to a directory that is safe', () => {
    onUnix();
    const directory = join(home, 'real');
    mkdirSync(directory, { mode: 0o700 });
    const link = join(home, 'link');
    symlinkSync(directory, link);
    expect(() => new Rendezvous('shop', link).secure()).toThrow(
      ipcError('ERR_IPC_ADDRESS', 'not a directory'),
    );
  });

  it('reports that its directory cannot be created', () => {
    const file = join(home, 'file');
    writeFileSync(file, '');
    expect(() => new Rendezvous('shop', join(file, 'below')).secure()).toThrow(
      ipcError('ERR_IPC_ADDRESS', 'cannot be created'),
    );
  });

  it('has the same paths only for the same name', () => {
    const paths = (name: string) => new Rendezvous(name, home).hub;
    expect(paths('shop')).toBe(paths('shop'));
    expect(paths('shop')).not.toBe(paths('shop2'));
  });

  it('depends on the entry file and the user, if no name is given', () => {
    const entry = join(home, 'main.js');
    const link = join(home, 'link.js');
    const other = join(home, 'other.js');
    for (const file of [entry, other]) writeFileSync(file, '');
    if (!windows) symlinkSync(entry, link);
    const hubOf = (changes: Partial<Surroundings>) =>
      new Rendezvous(undefined, home, { ...here, ...changes }).hub;
    if (!windows) expect(hubOf({ entry: link })).toBe(hubOf({ entry }));
    expect(hubOf({ entry: other })).not.toBe(hubOf({ entry }));
    expect(hubOf({ entry, user: 4711 })).not.toBe(hubOf({ entry }));
    expect(hubOf({ entry })).not.toBe(new Rendezvous(entry, home).hub);
    expect(hubOf({ entry: undefined })).toBe(hubOf({ entry: undefined }));
    expect(hubOf({ entry: 'no such file' })).not.toBe(hubOf({ entry: undefined }));
  });

  it('has paths that are short enough for a socket', () => {
    const linux = { ...here, platform: 'linux' } as const;
    const rendezvous = new Rendezvous('a name as long as you like '.repeat(100), '/tmp/omni-ipc-1000', linux);
    for (const path of [rendezvous.hub, rendezvous.number(1234), rendezvous.name('billing')]) {
      expect(dirname(path)).toBe(resolve('/tmp/omni-ipc-1000'));
      expect(basename(path).length).toBeLessThan(40);
    }
  });

  it("has pipes with the user's name on Windows, separate for each directory", () => {
    const there = { ...here, platform: 'win32', user: 'ann' } as const;
    const rendezvous = new Rendezvous('shop', 'one', there);
    expect(rendezvous.hub).toMatch(/^\\\\\.\\pipe\\omni-ipc-ann-[0-9a-f]{16}\.hub$/);
    expect(rendezvous.number(3)).toBe(rendezvous.hub.replace('hub', '3'));
    expect(new Rendezvous('shop', 'two', there).hub).not.toBe(rendezvous.hub);
    expect(new Rendezvous('shop', undefined, there).directory).toBe(join(home, 'omni-ipc-ann'));
  });

  it('gives the next hub another pipe on Windows if one does not answer, and only one for all members', async () => {
    const there = { ...here, platform: 'win32', user: 'ann' } as const;
    const [one, other] = [new Rendezvous('shop', home, there), new Rendezvous('shop', home, there)];
    const neighbour = new Rendezvous('market', home, there);
    const before = [one.hub, neighbour.hub];
    const life = one.hubLife as string;
    await one.evictHub(life);
    expect(one.hub).toMatch(/\.hub1$/);
    expect([other.hub, other.hubLife]).toEqual([one.hub, one.hub]);
    await other.evictHub(life);
    expect(other.hub).toMatch(/\.hub1$/);
    await other.evictHub(one.hubLife as string);
    expect(one.hub).toMatch(/\.hub2$/);
    expect(neighbour.hub).toBe(before[1] as string);
    expect(readdirSync(home).filter((file) => file.includes('.hub.')).length).toBe(1);
    expect(one.remembered().size).toBe(0);
  });

  it('does not check owner and mode on Windows', () => {
    const directory = join(home, 'open');
    mkdirSync(directory, { mode: 0o777 });
    expect(() => new Rendezvous('shop', directory, { ...here, platform: 'win32' }).secure()).not.toThrow();
  });

  it('remembers the holder of a number, for each channel', () => {
    const rendezvous = new Rendezvous('shop', home);
    rendezvous.remember(2, 'billing');
    rendezvous.remember(12, 'stock');
    new Rendezvous('other', home).remember(3, 'billing');
    expect(rendezvous.remembered()).toEqual(
      new Map([
        [2, 'billing'],
        [12, 'stock'],
      ]),
    );
    rendezvous.remember(2, undefined);
    rendezvous.remember(5, undefined);
    expect(rendezvous.remembered()).toEqual(new Map([[12, 'stock']]));
  });

  it('remembers the last hundred names', () => {
    const rendezvous = new Rendezvous('shop', home);
    for (let number = 1; number <= 110; number++) {
      rendezvous.remember(number, `peer ${number}`);
      const note = basename(rendezvous.hub).replace(/^omni-ipc-.*-|hub$/g, '');
      utimesSync(join(home, `${note}${number}.name`), number, number);
    }
    const numbers = [...rendezvous.remembered().keys()];
    expect(numbers.length).toBe(100);
    expect(Math.min(...numbers)).toBe(11);
  });
});
