import { dirname, join } from 'node:path';
import { evict, identify, lookAgain, makeWay } from '../../../lib/transports/socket-file.js';
import { unix } from '../../../lib/transports/unix.js';
import { afterwards } from '../../support/afterwards.js';
import { leaveDeadSocket } from '../../support/dead-socket.js';
import { ipcError } from '../../support/errors.js';
import { failure } from '../../support/events.js';
import { freshDirectory } from '../../support/places.js';
import { dialled, Ear } from '../../support/transports.js';

if (process.platform !== 'win32') {
  describe('The socket of a server that does not answer', () => {
    it('can be evicted once, if the file is still that socket', async () => {
      const path = join(freshDirectory(), 's');
      const ear = await Ear.open(unix, { transport: 'unix', path });
      const kept = await dialled(unix, { transport: 'unix', path });
      await ear.socket();
      const { life } = identify(path) ?? { life: '' };
      expect(await evict(path, 'another')).toBeFalse();
      expect(await Promise.all([evict(path, life), evict(path, life)])).toEqual([true, false]);
      expect(identify(path)).toBeUndefined();
      expect(kept.destroyed).toBeFalse();
      const next = await Ear.open(unix, { transport: 'unix', path });
      expect(await evict(path, life)).toBeFalse();
      const kept2 = await dialled(unix, { transport: 'unix', path });
      await next.socket();
      expect(kept2.readyState).toBe('open');
    });
  });

  describe('A dead socket', () => {
    /** Leaves one that cannot be removed, with this error of the system. */
    async function unremovable(): Promise<{ path: string; refuse: (code: string) => Error }> {
      const path = join(freshDirectory(), 's');
      await leaveDeadSocket(path);
      const unlink = spyOn(process.getBuiltinModule('node:fs'), 'unlinkSync');
      afterwards(() => void unlink.and.callThrough());
      const refuse = (code: string) => {
        const error = Object.assign(new Error(code), { code });
        unlink.and.throwError(error);
        return error;
      };
      return { path, refuse };
    }

    it('is in use if this user may not remove it, with whose it is', async () => {
      const { path, refuse } = await unremovable();
      const owner = process.geteuid?.();
      const user = spyOn(process as Required<typeof process>, 'geteuid').and.callThrough();
      for (const code of ['EPERM', 'EACCES']) {
        const cause = refuse(code);
        const advice = `may not be removed by this user (${code}); have its owner remove it, or choose another path.`;
        const own = await failure(makeWay(path, true));
        expect(own).toEqual(ipcError('ERR_IPC_IN_USE'));
        expect(own.message).toBe(`Cannot listen on ${path}: the socket in ${dirname(path)} ${advice}`);
        expect(own.cause).toBe(cause);
        user.and.returnValue(4711);
        const foreign = await failure(makeWay(path, true));
        user.and.callThrough();
        expect(foreign.message).toBe(`Cannot listen on ${path}: the socket of user ${owner} ${advice}`);
      }
    });

    it('is gone if another process removes it at the same moment, and other errors are the caller’s', async () => {
      const { path, refuse } = await unremovable();
      refuse('ENOENT');
      await expectAsync(makeWay(path, true)).toBeResolved();
      const cause = refuse('EIO');
      expect((await failure(makeWay(path, true))) as Error).toBe(cause);
    });
  });
}

describe('A socket that seems stale', () => {
  async function looksAt(since: number, looks: number, busyAt = 0): Promise<number> {
    let count = 0;
    const look = async () => {
      count++;
      if (count === busyAt) throw new Error('it is busy');
    };
    await lookAgain(look, since, looks).catch(() => {});
    return count;
  }

  it('is checked again if it is new, and until it can be distinguished from a busy one', async () => {
    // One that stays new, however long this process is not scheduled.
    const future = Date.now() + 60_000;
    expect(await looksAt(0, 1)).toBe(1);
    expect(await looksAt(future, 1)).toBe(2);
    expect(await looksAt(0, 3)).toBe(3);
    expect(await looksAt(future, 3)).toBe(4);
  });

  it('is kept as soon as a check finds it alive', async () => {
    expect(await looksAt(0, 5, 3)).toBe(3);
  });
});
