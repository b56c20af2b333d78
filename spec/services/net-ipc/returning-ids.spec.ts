import { proofOf, ReturningIds } from '../../../services/net-ipc/returning-ids.js';

const NOBODY = (_id: string) => false;

describe('The ids of clients that reconnect', () => {
  let now = 0;

  beforeEach(() => {
    spyOn(performance, 'now').and.callFake(() => now);
  });

  it('belong to the client that had them last, and unused ones to the client that claims them', () => {
    const ids = new ReturningIds();
    expect(ids.mayHave('a', 'mine')).toBeTrue();
    ids.give('a', 'mine');
    ids.leave('a', NOBODY);
    expect([ids.mayHave('a', 'mine'), ids.mayHave('a', 'theirs')]).toEqual([true, false]);
    ids.give('a', 'theirs');
    expect([ids.mayHave('a', 'mine'), ids.mayHave('a', 'theirs')]).toEqual([false, true]);
  });

  it('are claimed by the secret and the payload together', () => {
    const hello = { session: 'x', secret: 's', credentials: { token: 1 } };
    expect(proofOf({ ...hello, session: 'y' })).toBe(proofOf(hello));
    for (const other of [{ secret: 't' }, { credentials: { token: 2 } }, { secret: undefined }]) {
      expect(proofOf({ ...hello, ...other } as typeof hello)).not.toBe(proofOf(hello));
    }
    expect(proofOf({ ...hello, secret: 5 } as never)).toBe(
      proofOf({ session: 'x', credentials: { token: 1 } }),
    );
  });

  /** A client connects and disconnects, after a time in milliseconds. */
  function visit(ids: ReturningIds, id: string, ms: number, address?: string, awaited = NOBODY): void {
    ids.give(id, 'proof', address);
    now += ms;
    ids.leave(id, awaited);
  }

  it('are forgotten beyond 10,000 absent clients, except those with waiting messages', () => {
    const ids = new ReturningIds();
    const awaited = (id: string) => id === 'awaited';
    ids.give('here', 'proof');
    for (const id of ['awaited', 'short', ...Array.from({ length: 9_998 }, (_, i) => `${i}`)])
      visit(ids, id, id.length, undefined, awaited);
    expect(['awaited', 'short', '0', '9997'].every((id) => ids.mayHave(id, 'proof'))).toBeTrue();
    visit(ids, 'last', 9, undefined, awaited);
    const kept = ['awaited', 'short', '0', '999', '1000', '9997', 'last', 'here'];
    expect(kept.map((id) => ids.mayHave(id, 'proof'))).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  });

  it('stay known for clients that were connected for long, however often others come and go', () => {
    const ids = new ReturningIds();
    visit(ids, 'honest', 60_000);
    for (let i = 0; i < 30_000; i++) visit(ids, `${i}`, 1);
    expect([ids.mayHave('honest', 'proof'), ids.mayHave('honest', 'other')]).toEqual([true, false]);
  });

  it('add up the time of several visits of the same client', () => {
    const ids = new ReturningIds();
    for (let i = 0; i < 3; i++) visit(ids, 'honest', 40);
    for (let i = 0; i < 10_000; i++) visit(ids, `${i}`, 100);
    expect(ids.mayHave('honest', 'proof')).toBeTrue();
  });

  it('are forgotten first for the address with the most of them', () => {
    const ids = new ReturningIds();
    for (let i = 0; i < 100; i++) visit(ids, `honest ${i}`, 1, '10.0.0.1');
    for (let i = 0; i < 30_000; i++) visit(ids, `${i}`, 1000, '10.6.6.6');
    for (let i = 0; i < 100; i++) expect(ids.mayHave(`honest ${i}`, 'proof')).toBeTrue();
  });

  it('are not given to others once they may have been forgotten', () => {
    const ids = new ReturningIds();
    expect(ids.mayHave('unknown', 'proof')).toBeTrue();
    for (let i = 0; i <= 10_000; i++) visit(ids, `${i}`, 1);
    expect(ids.mayHave('unknown', 'proof')).toBeFalse();
  });

  it('are not forgotten while their client is connected again', () => {
    const ids = new ReturningIds();
    ids.give('back', 'proof');
    ids.leave('back', NOBODY);
    ids.give('back', 'proof');
    for (let i = 0; i <= 10_000; i++) {
      ids.give(`${i}`, 'proof');
      ids.leave(`${i}`, NOBODY);
    }
    expect(ids.mayHave('back', 'proof')).toBeTrue();
  });
});
