import type { Letter, Receipt } from '../../../services/channel/hub.js';
import { Inbox } from '../../../services/channel/inbox.js';

describe('Inbox', () => {
  let receipts: Receipt[];
  let inbox: Inbox;

  beforeEach(() => {
    const mine: Receipt[] = [];
    receipts = mine;
    inbox = new Inbox('me', (receipt) => mine.push(receipt));
  });

  it('hands over each message of a sender once and in order', () => {
    expect([1, 2, 2, 1, 3].map((seq) => inbox.take(letter({ seq })))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('waits for a missing message to be sent again', () => {
    expect([1, 3, 2, 3].map((seq) => inbox.take(letter({ seq })))).toEqual([true, false, true, true]);
  });

  it('keeps the senders apart', () => {
    expect(inbox.take(letter({ from: 'a', number: 1, seq: 1 }))).toBeTrue();
    expect(inbox.take(letter({ from: 'b', number: 2, seq: 1 }))).toBeTrue();
    expect(inbox.take(letter({ from: 'a', number: 1, seq: 2 }))).toBeTrue();
  });

  it('begins anew with a later stream of the sender, and ignores the earlier one', () => {
    for (const seq of [1, 2]) inbox.take(letter({ epoch: 1, seq }));
    expect(inbox.take(letter({ epoch: 2, seq: 1 }))).toBeTrue();
    expect(inbox.take(letter({ epoch: 1, seq: 3 }))).toBeFalse();
    expect(inbox.take(letter({ epoch: 2, seq: 2 }))).toBeTrue();
  });

  it("begins anew with a number's new holder", () => {
    for (const seq of [1, 2]) inbox.take(letter({ from: 'a', epoch: 5, seq }));
    expect(inbox.take(letter({ from: 'b', epoch: 1, seq: 1 }))).toBeTrue();
  });

  it('acknowledges the last message of each sender at the end of the turn', async () => {
    for (const seq of [1, 2, 3]) inbox.take(letter({ from: 'a', number: 1, seq }));
    inbox.take(letter({ from: 'b', number: 2, seq: 1 }));
    expect(receipts).toEqual([]);
    await turn();
    expect(receipts).toEqual([
      { to: 'a', from: 'me', epoch: 1, seq: 3 },
      { to: 'b', from: 'me', epoch: 1, seq: 1 },
    ]);
  });

  it('acknowledges again what comes again, and not what comes after a gap', async () => {
    inbox.take(letter({ seq: 1 }));
    await turn();
    inbox.take(letter({ seq: 1 }));
    await turn();
    inbox.take(letter({ seq: 3 }));
    await turn();
    expect(receipts.map(({ seq }) => seq)).toEqual([1, 1]);
  });
});

function letter(parts: Partial<Letter>): Letter {
  return { to: 'me', from: 'a', number: 1, epoch: 1, seq: 1, body: '{}', ...parts };
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
