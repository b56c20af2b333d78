import type { PendingMessage } from '../../../services/channel/member-queue.js';
import { WaitingMessages } from '../../../services/channel/waiting-messages.js';

describe('WaitingMessages', () => {
  let waiting: WaitingMessages;

  beforeEach(() => {
    waiting = new WaitingMessages();
    waiting.add(message(2, 'by number'), 1);
    waiting.add(message('group:resize', 'to the group'), 2);
    waiting.add(message('billing', 'by name'), 3);
    waiting.add(message(2, 'by number again'), 4);
  });

  function message(to: number | string, body: string): PendingMessage {
    return { order: 0, to, body, request: undefined, bound: false, response: false, delivery: undefined };
  }

  const bodies = (messages: PendingMessage[]) => messages.map(({ body }) => body);

  it('returns to a member that has joined what was sent to its number and name, in order, once', () => {
    const member = { id: 'a', number: 2, name: 'billing', topics: [], version: 0 };
    expect(bodies(waiting.takeFor(member))).toEqual(['by number', 'by name', 'by number again']);
    expect([waiting.takeFor(member), waiting.length]).toEqual([[], 1]);
    expect(bodies(waiting.takeFor({ ...member, group: 'resize' }))).toEqual(['to the group']);
  });

  it('gives up messages that have waited since a given heartbeat or longer', () => {
    expect(bodies(waiting.takeSince(2))).toEqual(['by number', 'to the group']);
    expect([waiting.takeSince(2), waiting.length]).toEqual([[], 2]);
  });

  it('gives up everything', () => {
    expect(waiting.takeAll().length).toBe(4);
    expect(waiting.length).toBe(0);
  });
});
