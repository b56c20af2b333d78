import { proofOf, ReturningIds } from '../../../services/net-ipc/returning-ids.js';

const NOBODY = () => false;

describe('The ids of clients that come and go', () => {
  it('belong to the client that had them last, and unused ones to the client that asks', () => {
    const ids = new ReturningIds();
    expect(ids.mayHave('a', 'mine')).toBeTrue();
    ids.give('a', 'mine');
    ids.leave('a', NOBODY);
    expect([ids.mayHave('a', 'mine'), ids.mayHave('a', 'theirs')]).toEqual([true, false]);
    ids.give('a', 'theirs');
    expect([ids.mayHave('a', 'mine'), ids.mayHave('a', 'theirs')]).toEqual([false, true]);
  });

  it('are proved by the secret and the payload together', () => {
    const hello = { session: 'x', secret: 's', credentials: { token: 1 } };
    expect(proofOf({ ...hello, session: 'y' })).toBe(proofOf(hello));
    for (const other of [{ secret: 't' }, { credentials: { token: 2 } }, { secret: undefined }]) {
      expect(proofOf({ ...hello, ...other } as typeof hello)).not.toBe(proofOf(hello));
    }
    expect(proofOf({ ...hello, secret: 5 } as never)).toBe(
      proofOf({ session: 'x', credentials: { token: 1 } }),
    );
  });

  it('are forgotten beyond 10,000 clients that are gone, but not those that something waits for', () => {
    const ids = new ReturningIds();
    const awaited = (id: string) => id === 'awaited';
    ids.give('here', 'proof');
    for (const id of ['awaited', 'oldest', ...Array.from({ length: 10_000 }, (_, i) => `${i}`)]) {
      ids.give(id, 'proof');
      ids.leave(id, awaited);
    }
    const kept = ['awaited', 'oldest', '0', '1', '9999', 'here'].map((id) => !ids.mayHave(id, 'other'));
    expect(kept).toEqual([true, false, false, true, true, true]);
  });

  it('are not forgotten while their client is there again', () => {
    const ids = new ReturningIds();
    ids.give('back', 'proof');
    ids.leave('back', NOBODY);
    ids.give('back', 'proof');
    for (let i = 0; i <= 10_000; i++) {
      ids.give(`${i}`, 'proof');
      ids.leave(`${i}`, NOBODY);
    }
    expect([ids.mayHave('back', 'other'), ids.mayHave('0', 'other')]).toEqual([false, true]);
  });
});
