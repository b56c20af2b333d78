import type { Path } from '../../../services/channel/carrier.js';
import { MemberQueue, type PendingMessage } from '../../../services/channel/member-queue.js';

describe('MemberQueue', () => {
  let sent: [number, string][];
  let path: Path;
  let queue: MemberQueue;

  beforeEach(() => {
    sent = [];
    path = { send: (seq, body) => sent.push([seq, body]) };
    queue = new MemberQueue(1);
  });

  it('keeps messages until there is a path to the peer, and numbers them from 1', () => {
    queue.push(message('a'));
    queue.push(message('b'));
    expect(sent).toEqual([]);
    queue.open(path);
    queue.push(message('c'));
    expect(sent).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('keeps messages until they are acknowledged, and returns those that are', () => {
    queue.open(path);
    for (const body of ['a', 'b', 'c']) queue.push(message(body));
    expect(queue.acknowledge(2).map(({ body }) => body)).toEqual(['a', 'b']);
    expect(queue.length).toBe(1);
    expect(queue.acknowledge(2)).toEqual([]);
    expect(queue.acknowledge(1)).toEqual([]);
    expect(queue.acknowledge(99).map(({ body }) => body)).toEqual(['c']);
    expect(queue.length).toBe(0);
  });

  it('does not release a message that was never sent', () => {
    queue.push(message('a'));
    expect(queue.acknowledge(1)).toEqual([]);
    queue.open(path);
    expect(sent).toEqual([[1, 'a']]);
  });

  it('sends all unacknowledged messages again, under the same numbers, when there is a new path', () => {
    queue.open(path);
    for (const body of ['a', 'b', 'c']) queue.push(message(body));
    queue.acknowledge(1);
    queue.pause();
    queue.push(message('d'));
    sent = [];
    queue.open(path);
    expect(sent).toEqual([
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
    ]);
  });

  it('releases messages that were acknowledged while there was no path', () => {
    queue.open(path);
    for (const body of ['a', 'b', 'c']) queue.push(message(body));
    queue.pause();
    queue.acknowledge(2);
    sent = [];
    queue.open(path);
    expect(sent).toEqual([[3, 'c']]);
  });

  it('has at most 4096 messages in flight', () => {
    queue.open(path);
    for (let i = 0; i < 9000; i++) queue.push(message(String(i)));
    expect(sent.length).toBe(4096);
    queue.acknowledge(1000);
    expect(sent.length).toBe(5096);
    queue.acknowledge(5096);
    expect(sent.at(-1)).toEqual([9000, '8999']);
  });

  it('has at most about 1 MiB in flight, or one longer message', () => {
    queue.open(path);
    const half = 'x'.repeat(512 * 1024);
    for (let i = 0; i < 4; i++) queue.push(message(half));
    expect(sent.length).toBe(2);
    queue.acknowledge(1);
    expect(sent.length).toBe(3);
    queue.acknowledge(3);
    queue.acknowledge(4);
    queue.push(message('y'.repeat(2 * 1024 * 1024)));
    queue.push(message('z'));
    expect(sent.length).toBe(5);
    queue.acknowledge(5);
    expect(sent.at(-1)).toEqual([6, 'z']);
  });

  it('counts unacknowledged messages again when there is a new path, so that the window stays the same', () => {
    const half = 'x'.repeat(512 * 1024);
    queue.open(path);
    for (let i = 0; i < 2; i++) queue.push(message(half));
    // The next path ends before all has gone out again.
    queue.pause();
    sent = [];
    queue.open({
      send: (seq, body) => {
        sent.push([seq, body]);
        queue.acknowledge(2);
      },
    });
    queue.pause();
    queue.open(path);
    sent = [];
    for (let i = 0; i < 6; i++) queue.push(message(half));
    expect(sent.length).toBe(2);
  });

  it('reports the number at which it continues', () => {
    queue.open(path);
    for (const body of ['a', 'b', 'c']) queue.push(message(body));
    expect(queue.position).toEqual({ epoch: 1, first: 1 });
    queue.acknowledge(2);
    expect(queue.position).toEqual({ epoch: 1, first: 3 });
  });

  it('removes messages and leaves a blank in their place', () => {
    for (const body of ['a', 'b', 'c']) queue.push(message(body));
    expect(queue.replace(({ body }) => body === 'b', message('{}')).map(({ body }) => body)).toEqual(['b']);
    queue.open(path);
    expect(sent).toEqual([
      [1, 'a'],
      [2, '{}'],
      [3, 'c'],
    ]);
  });

  it('keeps little memory of acknowledged messages', () => {
    queue.open(path);
    for (let i = 1; i <= 20_000; i++) {
      queue.push(message(String(i)));
      if (i > 10) queue.acknowledge(i - 10);
    }
    expect(queue.length).toBe(10);
    expect(queue.empty().map(({ body }) => body)).toEqual(
      Array.from({ length: 10 }, (_, i) => String(19_991 + i)),
    );
  });

  it('returns everything when it is emptied', () => {
    queue.open(path);
    queue.push(message('a'));
    expect(queue.empty().map(({ body }) => body)).toEqual(['a']);
    expect(queue.length).toBe(0);
  });
});

function message(body: string): PendingMessage {
  return { order: 0, to: 1, body, request: undefined, bound: false, response: false, delivery: undefined };
}
