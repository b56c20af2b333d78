import type { IPCError } from '../../../entities/errors.js';
import type { PacketId } from '../../../entities/packet.js';
import type { Path } from '../../../services/channel/carrier.js';
import type { Delivery, PendingMessage } from '../../../services/channel/member-queue.js';
import { type Member, Members } from '../../../services/channel/members.js';
import { Outgoing } from '../../../services/channel/outgoing.js';
import { ipcError } from '../../support/errors.js';

const ABSENCE = 3;

interface Sent {
  to: string;
  epoch: number;
  seq: number;
  body: string;
}

describe('Outgoing messages', () => {
  let sent: Sent[];
  let undelivered: { message: PendingMessage; error: IPCError }[];
  let handed: [PacketId, string][];
  let dialed: string[];
  let members: Members;
  let outgoing: Outgoing;

  beforeEach(() => {
    sent = [];
    undelivered = [];
    handed = [];
    members = new Members();
    outgoing = new Outgoing(
      members,
      { message: 1000, total: 5600, absence: ABSENCE },
      {
        dial: (member) => dialed.push(member.id),
        undelivered: (message, error) => undelivered.push({ message, error }),
        handed: (request, { id }) => handed.push([request, id]),
      },
    );
    dialed = [];
  });

  /** There is a path to a member. */
  function opens(member: Member): Path {
    const { epoch } = outgoing.position(member);
    const path: Path = { send: (seq, body) => sent.push({ to: member.id, epoch, seq, body }) };
    outgoing.opened(member.id, path);
    return path;
  }

  function comes(id: string, number: number, name?: string, group?: string): Member {
    const named = name === undefined ? {} : { name };
    const grouped = group === undefined ? {} : { group };
    const member = { id, number, topics: [], version: 0, ...named, ...grouped };
    members.put(member);
    outgoing.joined(member);
    opens(member);
    return member;
  }

  function goes(id: string): void {
    members.drop(id);
    outgoing.left(id);
  }

  function say(to: number | string, text: string, delivery?: Delivery): void {
    outgoing.send(to, { type: text, data: [] }, delivery);
  }

  function ticks(count: number): void {
    for (let i = 0; i < count; i++) outgoing.tick();
  }

  /** What was sent to a run of a peer since the last look. */
  function sentTo(id: string): [number, string][] {
    const found = sent.filter(({ to }) => to === id);
    sent = sent.filter(({ to }) => to !== id);
    return found.map(({ seq, body }) => [seq, JSON.parse(body).type]);
  }

  function lost(): string[] {
    return undelivered.map(({ message }) => JSON.parse(message.body).type);
  }

  describe('before the channel is open', () => {
    it('are held, then sent in order', () => {
      say(2, 'first');
      outgoing.send(() => members.all, { type: 'second', data: [] });
      say(2, 'third');
      expect(outgoing.idle).toBeFalse();
      comes('b', 2);
      expect(sent).toEqual([]);
      outgoing.open();
      expect(sentTo('b')).toEqual([
        [1, 'first'],
        [2, 'second'],
        [3, 'third'],
      ]);
    });

    it('are given back when the channel closes', () => {
      say(2, 'hello');
      outgoing.send(() => members.all, { type: 'hello all', data: [] });
      outgoing.close({ code: 'ERR_IPC_CLOSED' } as IPCError, true);
      expect(lost()).toEqual(['hello', 'hello all']);
      expect(undelivered.map(({ message }) => message.to)).toEqual([2, 'all']);
    });
  });

  describe('of an open channel', () => {
    beforeEach(() => outgoing.open());

    it('go to the present run of the member, with numbers', () => {
      comes('b', 2);
      say(2, 'hello');
      expect(sent).toEqual([{ to: 'b', epoch: 1, seq: 1, body: '{"type":"hello","data":[]}' }]);
    });

    it('wait for an absent peer, by number and by name, in one order', () => {
      say(2, 'by number');
      say('billing', 'by name');
      say(2, 'by number again');
      expect(sent).toEqual([]);
      comes('b', 2, 'billing');
      expect(sentTo('b').map(([, text]) => text)).toEqual(['by number', 'by name', 'by number again']);
    });

    it('go to all present members, and resolve when all have them', () => {
      const delivery = { left: 1, resolve: jasmine.createSpy(), reject: jasmine.createSpy() };
      comes('a', 1);
      comes('b', 2);
      outgoing.send(() => members.all, { type: 'hello', data: [] }, delivery);
      comes('c', 3);
      expect(sent.map(({ to }) => to)).toEqual(['a', 'b']);
      outgoing.acknowledged('a', 1, 1);
      expect(delivery.resolve).not.toHaveBeenCalled();
      outgoing.acknowledged('b', 2, 1);
      expect(delivery.resolve).toHaveBeenCalledTimes(1);
    });

    it('resolve at once if there is no member', () => {
      const delivery = { left: 1, resolve: jasmine.createSpy(), reject: jasmine.createSpy() };
      outgoing.send(() => [], { type: 'hello', data: [] }, delivery);
      expect(delivery.resolve).toHaveBeenCalledTimes(1);
    });

    it('make the channel dial a member without a path', () => {
      const member = { id: 'b', number: 2, topics: [], version: 0 };
      members.put(member);
      outgoing.joined(member);
      expect(dialed).toEqual([]);
      say(2, 'hello');
      expect(dialed).toEqual(['b']);
      opens(member);
      expect(sentTo('b')).toEqual([[1, 'hello']]);
    });

    it('are sent again, under the same numbers, when there is another path', () => {
      const member = comes('b', 2);
      const path = opens(member);
      for (const text of ['one', 'two']) say(2, text);
      outgoing.acknowledged('b', 1, 1);
      outgoing.closed('b', { send: () => fail('is not its path') });
      expect(dialed).toEqual([]);
      outgoing.closed('b', path);
      expect(dialed).toEqual(['b']);
      say(2, 'three');
      sentTo('b');
      opens(member);
      expect(sentTo('b')).toEqual([
        [2, 'two'],
        [3, 'three'],
      ]);
    });

    describe('to a group', () => {
      it('go to the member with the least work, and among equals to the one that has waited longest', () => {
        for (const [id, number] of [
          ['a', 1],
          ['b', 2],
          ['c', 3],
        ] as const)
          comes(id, number, undefined, 'resize');
        for (let i = 0; i < 4; i++) say('group:resize', `${i}`);
        expect(sent.map(({ to }) => to)).toEqual(['a', 'b', 'c', 'a']);
        outgoing.acknowledged('b', 2, 1);
        say('group:resize', 'free');
        expect(sent.at(-1)?.to).toBe('b');
        outgoing.acknowledged('b', 2, 2);
        outgoing.send('group:resize', { type: 'sum', data: 1, id: 7 });
        outgoing.acknowledged('b', 2, 3);
        outgoing.acknowledged('c', 3, 1);
        say('group:resize', 'b still works');
        expect(sent.at(-1)?.to).toBe('c');
        outgoing.acknowledged('c', 3, 2);
        outgoing.settled(7);
        say('group:resize', 'b is done');
        expect(sent.at(-1)?.to).toBe('b');
      });

      it('go to another member if the first leaves before it has acknowledged them', () => {
        comes('a', 1, undefined, 'resize');
        say('group:resize', 'one');
        say(1, 'for a alone');
        comes('b', 2, undefined, 'resize');
        goes('a');
        expect(sentTo('b')).toEqual([[1, 'one']]);
        sentTo('a');
        comes('a', 1, undefined, 'resize');
        expect(sentTo('a')).toEqual([
          [1, undefined as unknown as string],
          [2, 'for a alone'],
        ]);
        outgoing.acknowledged('a', 1, 2);
        outgoing.acknowledged('b', 2, 1);
        expect([outgoing.idle, lost()]).toEqual([true, []]);
      });

      it('wait for a member to join, until the absence timeout', () => {
        say('group:resize', 'early');
        ticks(1);
        say('group:resize', 'late');
        ticks(ABSENCE - 1);
        expect(undelivered.map(({ error }) => error.message)).toEqual([
          jasmine.stringMatching(/^No member of "group:resize" came/),
        ]);
        comes('a', 1, undefined, 'resize');
        expect(sentTo('a')).toEqual([[1, 'late']]);
      });
    });

    it('continue in the same stream when their peer returns', () => {
      comes('b', 2);
      for (const text of ['one', 'two']) say(2, text);
      outgoing.acknowledged('b', 1, 1);
      goes('b');
      say(2, 'three');
      sentTo('b');
      comes('b', 2);
      expect(sentTo('b')).toEqual([
        [2, 'two'],
        [3, 'three'],
      ]);
    });

    it('go to the next run of the number, in a new stream, when a peer was restarted', () => {
      comes('b', 2);
      for (const text of ['one', 'two']) say(2, text);
      outgoing.acknowledged('b', 1, 1);
      goes('b');
      say(2, 'three');
      comes('c', 2);
      expect(sentTo('c')).toEqual([
        [1, 'two'],
        [2, 'three'],
      ]);
      outgoing.acknowledged('b', 1, 2);
      expect(outgoing.idle).toBeFalse();
      outgoing.acknowledged('c', 2, 2);
      expect(outgoing.idle).toBeTrue();
    });

    it('keep their order if they were sent to the number and to the name of one peer', () => {
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

    it('are separated when a name returns with another number', () => {
      comes('b', 2, 'billing');
      say('billing', 'for the name');
      say(2, 'for the number');
      goes('b');
      comes('c', 3, 'billing');
      expect(sentTo('c')).toEqual([[1, 'for the name']]);
      comes('d', 2);
      expect(sentTo('d')).toEqual([[1, 'for the number']]);
    });

    it('are given back when their peer has not joined within the absence timeout', () => {
      say(2, 'early');
      ticks(1);
      say(2, 'late');
      ticks(ABSENCE - 1);
      expect(lost()).toEqual(['early']);
      ticks(1);
      expect(lost()).toEqual(['early', 'late']);
      expect(undelivered[0]?.error.code).toBe('ERR_IPC_UNDELIVERED');
      comes('b', 2);
      expect(sent).toEqual([]);
    });

    it('are given back when their peer has left and not returned within the absence timeout', () => {
      const delivery = { left: 1, resolve: jasmine.createSpy(), reject: jasmine.createSpy() };
      comes('b', 2);
      say(2, 'hello', delivery);
      ticks(2 * ABSENCE);
      goes('b');
      ticks(ABSENCE - 1);
      expect(lost()).toEqual([]);
      ticks(1);
      expect(lost()).toEqual(['hello']);
      expect(delivery.reject).toHaveBeenCalledTimes(1);
    });

    it('start a later stream if the peer returns after that', () => {
      comes('b', 2);
      say(2, 'given up');
      goes('b');
      ticks(ABSENCE);
      comes('b', 2);
      sentTo('b');
      say(2, 'new');
      expect(sent[0]).toEqual(jasmine.objectContaining({ epoch: 2, seq: 1 }));
    });

    it('report which peer has received a request', () => {
      comes('b', 2);
      outgoing.send(2, { type: 'sum', data: 1, id: 7 });
      expect(handed).toEqual([]);
      outgoing.acknowledged('b', 1, 1);
      expect(handed).toEqual([[7, 'b']]);
    });

    it('include answers, which go only to the run that asked', () => {
      comes('b', 2);
      outgoing.respond('b', { type: 'sum', data: 1, re: 7 });
      outgoing.respond('unknown', { type: 'sum', data: 2, re: 8 });
      expect(sentTo('b')).toEqual([[1, 'sum']]);
      goes('b');
      comes('c', 2);
      ticks(ABSENCE);
      expect(sentTo('c')).toEqual([]);
      expect(lost()).toEqual([]);
      expect(outgoing.idle).toBeTrue();
    });

    it('leave the channel idle when nothing waits for present peers', () => {
      outgoing.onIdle = jasmine.createSpy();
      comes('b', 2);
      say(2, 'hello');
      say(3, 'to nobody');
      expect(outgoing.idle).toBeFalse();
      goes('b');
      expect(outgoing.idle).toBeTrue();
      expect(outgoing.onIdle).toHaveBeenCalledTimes(1);
    });

    it('are given back when the channel closes: first those for absent peers, in the end all', () => {
      const error = { code: 'ERR_IPC_CLOSED' } as IPCError;
      comes('b', 2);
      comes('c', 3);
      for (const to of [2, 3, 4]) say(to, `to ${to}`);
      goes('c');
      outgoing.close(error, false);
      expect(lost().sort()).toEqual(['to 3', 'to 4']);
      outgoing.close(error, true);
      expect(lost().sort()).toEqual(['to 2', 'to 3', 'to 4']);
    });

    it('are refused if they are too long', () => {
      expect(() => say(2, 'x'.repeat(1000))).toThrow(ipcError('ERR_IPC_TOO_LARGE'));
    });

    it('are refused beyond the limit, until some are acknowledged or given up', () => {
      const text = 'x'.repeat(900);
      comes('b', 2);
      for (let i = 0; i < 5; i++) say(2, text);
      expect(() => say(2, text)).toThrow(ipcError('ERR_IPC_BACKPRESSURE'));
      outgoing.acknowledged('b', 1, 1);
      say(3, text);
      expect(() => say(2, text)).toThrow(ipcError('ERR_IPC_BACKPRESSURE'));
      ticks(ABSENCE);
      say(2, text);
      expect(lost()).toEqual([text]);
    });

    it('count once for each receiver if they are for all', () => {
      const all = () => members.all;
      for (let number = 1; number <= 3; number++) comes(`m${number}`, number);
      outgoing.send(all, { type: 'x'.repeat(900), data: [] });
      expect(() => outgoing.send(all, { type: 'x'.repeat(900), data: [] })).toThrow(
        ipcError('ERR_IPC_BACKPRESSURE'),
      );
    });
  });
});
