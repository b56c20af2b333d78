import type { IPCError } from '../../../entities/errors.js';
import type { PacketId } from '../../../entities/packet.js';
import type { Letter } from '../../../services/channel/hub.js';
import { Mail } from '../../../services/channel/mail.js';
import { type Member, Roster } from '../../../services/channel/roster.js';
import type { Delivery, Parcel } from '../../../services/channel/stream.js';
import { ipcError } from '../../support/errors.js';

const GRACE = 3;

describe('Mail', () => {
  let sent: Letter[];
  let undelivered: { parcel: Parcel; error: IPCError }[];
  let handed: [PacketId, string][];
  let roster: Roster;
  let mail: Mail;

  beforeEach(() => {
    sent = [];
    undelivered = [];
    handed = [];
    roster = new Roster();
    mail = new Mail(
      'me',
      () => 9,
      roster,
      { message: 1000, total: 5000, grace: GRACE },
      {
        send: (letter) => sent.push(letter),
        undelivered: (parcel, error) => undelivered.push({ parcel, error }),
        handed: (request, { id }) => handed.push([request, id]),
      },
    );
  });

  function comes(id: string, number: number, name?: string): Member {
    const member = { id, number, topics: [], version: 0, ...(name === undefined ? {} : { name }) };
    roster.put(member);
    mail.joined(member);
    return member;
  }

  function goes(id: string): void {
    roster.drop(id);
    mail.left(id);
  }

  function say(to: number | string, text: string, delivery?: Delivery): void {
    mail.post(to, { type: text, data: [] }, delivery);
  }

  function beats(count: number): void {
    for (let i = 0; i < count; i++) mail.beat();
  }

  /** What was sent to a run of a peer since the last look. */
  function sentTo(id: string): [number, string][] {
    const found = sent.filter(({ to }) => to === id);
    sent = sent.filter(({ to }) => to !== id);
    return found.map(({ seq, body }) => [seq, JSON.parse(body).type]);
  }

  function lost(): string[] {
    return undelivered.map(({ parcel }) => JSON.parse(parcel.body).type);
  }

  describe('before the channel is open', () => {
    it('holds everything, then sends it in order', () => {
      say(2, 'first');
      mail.post(() => roster.members, { type: 'second', data: [] });
      say(2, 'third');
      expect(mail.idle).toBeFalse();
      comes('b', 2);
      expect(sent).toEqual([]);
      mail.open();
      expect(sentTo('b')).toEqual([
        [1, 'first'],
        [2, 'second'],
        [3, 'third'],
      ]);
    });

    it('gives what it holds back when it is closed', () => {
      say(2, 'hello');
      mail.post(() => roster.members, { type: 'hello all', data: [] });
      mail.close({ code: 'ERR_IPC_CLOSED' } as IPCError, true);
      expect(lost()).toEqual(['hello', 'hello all']);
      expect(undelivered.map(({ parcel }) => parcel.to)).toEqual([2, 'all']);
    });
  });

  describe('of an open channel', () => {
    beforeEach(() => mail.open());

    it('goes to the run of the peer that is there, marked with its stream', () => {
      comes('b', 2);
      say(2, 'hello');
      expect(sent).toEqual([
        { to: 'b', from: 'me', number: 9, epoch: 1, seq: 1, body: '{"type":"hello","data":[]}' },
      ]);
    });

    it('waits for a peer that has not come, by number and by name, and keeps the order between them', () => {
      say(2, 'by number');
      say('billing', 'by name');
      say(2, 'by number again');
      expect(sent).toEqual([]);
      comes('b', 2, 'billing');
      expect(sentTo('b').map(([, text]) => text)).toEqual(['by number', 'by name', 'by number again']);
    });

    it('goes to all members there are, and tells when all have it', () => {
      const delivery = { left: 1, resolve: jasmine.createSpy(), reject: jasmine.createSpy() };
      comes('a', 1);
      comes('b', 2);
      mail.post(() => roster.members, { type: 'hello', data: [] }, delivery);
      comes('c', 3);
      expect(sent.map(({ to }) => to)).toEqual(['a', 'b']);
      mail.acknowledged('a', 1, 1);
      expect(delivery.resolve).not.toHaveBeenCalled();
      mail.acknowledged('b', 2, 1);
      expect(delivery.resolve).toHaveBeenCalledTimes(1);
    });

    it('tells at once when all are nobody', () => {
      const delivery = { left: 1, resolve: jasmine.createSpy(), reject: jasmine.createSpy() };
      mail.post(() => [], { type: 'hello', data: [] }, delivery);
      expect(delivery.resolve).toHaveBeenCalledTimes(1);
    });

    it('goes again, under the same numbers, to a peer that is found again', () => {
      const member = comes('b', 2);
      for (const text of ['one', 'two']) say(2, text);
      mail.acknowledged('b', 1, 1);
      mail.pause();
      say(2, 'three');
      sentTo('b');
      mail.joined(member);
      expect(sentTo('b')).toEqual([
        [2, 'two'],
        [3, 'three'],
      ]);
    });

    it('goes on in the same stream when a peer that left is back', () => {
      comes('b', 2);
      for (const text of ['one', 'two']) say(2, text);
      mail.acknowledged('b', 1, 1);
      goes('b');
      say(2, 'three');
      sentTo('b');
      comes('b', 2);
      expect(sentTo('b')).toEqual([
        [2, 'two'],
        [3, 'three'],
      ]);
    });

    it("goes to the number's next run, in a stream of its own, when a peer was restarted", () => {
      comes('b', 2);
      for (const text of ['one', 'two']) say(2, text);
      mail.acknowledged('b', 1, 1);
      goes('b');
      say(2, 'three');
      comes('c', 2);
      expect(sentTo('c')).toEqual([
        [1, 'two'],
        [2, 'three'],
      ]);
      mail.acknowledged('b', 1, 2);
      expect(mail.idle).toBeFalse();
      mail.acknowledged('c', 2, 2);
      expect(mail.idle).toBeTrue();
    });

    it('keeps the order of all that was sent to those whose number and name a peer has now', () => {
      comes('b', 2);
      comes('c', 3, 'billing');
      for (const [to, text] of [
        [2, 'one'],
        ['billing', 'two'],
        [2, 'three'],
      ] as const) {
        say(to, text);
      }
      goes('b');
      goes('c');
      comes('d', 2, 'billing');
      expect(sentTo('d').map(([, text]) => text)).toEqual(['one', 'two', 'three']);
    });

    it('parts when a name comes back with another number', () => {
      comes('b', 2, 'billing');
      say('billing', 'for the name');
      say(2, 'for the number');
      goes('b');
      comes('c', 3, 'billing');
      expect(sentTo('c')).toEqual([[1, 'for the name']]);
      comes('d', 2);
      expect(sentTo('d')).toEqual([[1, 'for the number']]);
    });

    it('is given back when its peer has not come within the time of grace', () => {
      say(2, 'early');
      beats(1);
      say(2, 'late');
      beats(GRACE - 1);
      expect(lost()).toEqual(['early']);
      beats(1);
      expect(lost()).toEqual(['early', 'late']);
      expect(undelivered[0]?.error.code).toBe('ERR_IPC_UNDELIVERED');
      comes('b', 2);
      expect(sent).toEqual([]);
    });

    it('is given back when its peer has left and not come back within the time of grace', () => {
      const delivery = { left: 1, resolve: jasmine.createSpy(), reject: jasmine.createSpy() };
      comes('b', 2);
      say(2, 'hello', delivery);
      beats(2 * GRACE);
      goes('b');
      beats(GRACE - 1);
      expect(lost()).toEqual([]);
      beats(1);
      expect(lost()).toEqual(['hello']);
      expect(delivery.reject).toHaveBeenCalledTimes(1);
    });

    it('begins a later stream with a peer that comes back after that', () => {
      comes('b', 2);
      say(2, 'given up');
      goes('b');
      beats(GRACE);
      comes('b', 2);
      sentTo('b');
      say(2, 'new');
      expect(sent[0]).toEqual(jasmine.objectContaining({ epoch: 2, seq: 1 }));
    });

    it('tells which peer has been handed a request', () => {
      comes('b', 2);
      mail.post(2, { type: 'sum', data: 1, id: 7 });
      expect(handed).toEqual([]);
      mail.acknowledged('b', 1, 1);
      expect(handed).toEqual([[7, 'b']]);
    });

    it('takes an answer to the very run that asked, and to no other', () => {
      comes('b', 2);
      mail.answer('b', { type: 'sum', data: 1, re: 7 });
      mail.answer('unknown', { type: 'sum', data: 2, re: 8 });
      expect(sentTo('b')).toEqual([[1, 'sum']]);
      goes('b');
      comes('c', 2);
      beats(GRACE);
      expect(sentTo('c')).toEqual([]);
      expect(lost()).toEqual([]);
      expect(mail.idle).toBeTrue();
    });

    it('is idle when nothing waits for peers that are there', () => {
      mail.onIdle = jasmine.createSpy();
      comes('b', 2);
      say(2, 'hello');
      say(3, 'to nobody');
      expect(mail.idle).toBeFalse();
      goes('b');
      expect(mail.idle).toBeTrue();
      expect(mail.onIdle).toHaveBeenCalledTimes(1);
    });

    it('gives back what is for peers that are away when the channel closes, and in the end everything', () => {
      const error = { code: 'ERR_IPC_CLOSED' } as IPCError;
      comes('b', 2);
      comes('c', 3);
      for (const to of [2, 3, 4]) say(to, `to ${to}`);
      goes('c');
      mail.close(error, false);
      expect(lost().sort()).toEqual(['to 3', 'to 4']);
      mail.close(error, true);
      expect(lost().sort()).toEqual(['to 2', 'to 3', 'to 4']);
    });

    it('refuses what is no JSON', () => {
      expect(() => mail.post(2, { type: 'x', data: [1n] })).toThrow(ipcError('ERR_IPC_ENCODE'));
    });

    it('refuses a message that is too long', () => {
      expect(() => say(2, 'x'.repeat(1000))).toThrow(ipcError('ERR_IPC_TOO_LARGE'));
    });

    it('refuses more than may wait, until some of it is acknowledged or given up', () => {
      const text = 'x'.repeat(900);
      comes('b', 2);
      for (let i = 0; i < 5; i++) say(2, text);
      expect(() => say(2, text)).toThrow(ipcError('ERR_IPC_BACKPRESSURE'));
      mail.acknowledged('b', 1, 1);
      say(3, text);
      expect(() => say(2, text)).toThrow(ipcError('ERR_IPC_BACKPRESSURE'));
      beats(GRACE);
      say(2, text);
      expect(lost()).toEqual([text]);
    });

    it('counts a message to all once for each of them', () => {
      const all = () => roster.members;
      for (let number = 1; number <= 3; number++) comes(`m${number}`, number);
      mail.post(all, { type: 'x'.repeat(900), data: [] });
      expect(() => mail.post(all, { type: 'x'.repeat(900), data: [] })).toThrow(
        ipcError('ERR_IPC_BACKPRESSURE'),
      );
    });
  });
});
