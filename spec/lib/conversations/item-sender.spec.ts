import { Readable } from 'node:stream';
import {
  closeItems,
  ItemSender,
  type ItemSink,
  isAsyncIterable,
  isItems,
} from '../../../lib/conversations/item-sender.js';
import { ipcError } from '../../support/errors.js';
import { settled } from '../../support/peer-pairs.js';

class Sink implements ItemSink {
  congested = false;
  readonly sent: [seq: number, item: unknown, full: boolean][] = [];
  end: [error: unknown, failed: boolean] | undefined;

  drained(_callback: () => void): void {}

  send(seq: number, item: unknown, full: boolean): void {
    this.sent.push([seq, item, full]);
  }

  ended(error: unknown, failed: boolean): void {
    this.end = [error, failed];
  }
}

describe('A sender of items', () => {
  it('marks the item that uses up its credit', async () => {
    const sink = new Sink();
    const sender = new ItemSender(['a', 'b', 'c', 'd'], sink, false);
    sender.grant(0, 2, 1000);
    await settled();
    sender.grant(1, 2, 1000);
    await settled();
    expect(sink.sent).toEqual([
      [1, 'a', false],
      [2, 'b', true],
      [3, 'c', true],
    ]);
    sender.stop();
    await settled();
    expect([sink.sent.length, sink.end]).toEqual([3, undefined]);
  });

  it('sends unacknowledged items again over another connection, and continues', async () => {
    const sink = new Sink();
    const sender = new ItemSender([1, 2, 3, 4, 5], sink, true);
    sender.grant(0, 3, 1000);
    await settled();
    sender.detach();
    sink.sent.length = 0;
    sender.attach(1, { items: 10, bytes: 1000 });
    await settled();
    expect(sink.sent.map(([seq, item]) => [seq, item])).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ]);
    expect(sink.end).toEqual([undefined, false]);
  });

  it('refuses to resume after an item that was never sent', () => {
    const sender = new ItemSender([1, 2], new Sink(), true);
    expect(() => sender.attach(5, { items: 1, bytes: 1 })).toThrow(
      ipcError('ERR_IPC_PROTOCOL', 'it resumes after item 5, which was not sent or is no longer kept'),
    );
  });

  it('keeps items that were not acknowledged, and ignores credit that comes late', async () => {
    const sender = new ItemSender([1, 2, 3, 4, 5], new Sink(), true);
    sender.grant(0, 5, 1000);
    await settled();
    const one = sender.keptBytes / 5;
    sender.grant(3, 5, 1000);
    sender.grant(1, 5, 1000);
    expect([sender.keptBytes, sender.bytes]).toEqual([2 * one, 5 * one]);
    expect(() => sender.attach(2, { items: 5, bytes: 1000 })).toThrow(
      ipcError('ERR_IPC_PROTOCOL', 'it resumes after item 2, which was not sent or is no longer kept'),
    );
    sender.stop();
    expect(sender.keptBytes).toBe(0);
    const forgetful = new ItemSender([1, 2], new Sink(), false);
    forgetful.grant(0, 2, 1000);
    await settled();
    expect([forgetful.keptBytes, forgetful.seq]).toEqual([0, 2]);
  });

  it('refuses credit that is not a number, and credit for items that were not sent', () => {
    const sender = new ItemSender([1], new Sink(), false);
    for (const [seq, items, bytes] of [
      ['0', 1, 1],
      [0, -1, 1],
      [0, 1, Number.NaN],
    ]) {
      expect(() => sender.grant(seq, items, bytes)).toThrow(
        ipcError('ERR_IPC_PROTOCOL', 'a credit is not a number'),
      );
    }
    expect(() => sender.grant(1, 1, 1)).toThrow(
      ipcError('ERR_IPC_PROTOCOL', 'item 1 was taken before it was sent'),
    );
    expect(() => sender.attach('0', { items: 1, bytes: 1 })).toThrow(
      ipcError('ERR_IPC_PROTOCOL', 'a credit is not a number'),
    );
  });

  it('ends with the error of an item that cannot be sent, and closes the iterator once', async () => {
    const sink = new Sink();
    const fault = new Error('cannot be encoded');
    let closed = 0;
    sink.send = (_seq, item) => {
      if (item === 2) throw fault;
    };
    const items = {
      [Symbol.iterator]: () => {
        let n = 0;
        return { next: () => ({ done: false, value: ++n }), return: () => ({ done: true, value: closed++ }) };
      },
    };
    const sender = new ItemSender(items, sink, true);
    sender.grant(0, 10, 1000);
    await settled();
    sender.stop();
    expect([sink.end, closed, sender.seq]).toEqual([[fault, true], 1, 1]);
  });

  it('ends with an error if an iterator returns something else than a result', async () => {
    for (const result of [5, undefined, null, 'done']) {
      const sink = new Sink();
      const items = { [Symbol.asyncIterator]: () => ({ next: async () => result }) };
      new ItemSender(items as never, sink, false).grant(0, 10, 1000);
      await settled();
      expect(sink.sent).toEqual([]);
      expect(sink.end).toEqual([jasmine.any(TypeError), true]);
    }
  });

  it('ignores the result of closing an iterator', async () => {
    for (const close of [
      () => Promise.reject(new Error('rejected')),
      () => {
        throw new Error('thrown');
      },
      undefined,
    ]) {
      await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
        const items = {
          [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}), return: close }),
        };
        const sender = new ItemSender(items, new Sink(), false);
        sender.grant(0, 1, 1000);
        sender.stop();
        sender.stop();
        await new Promise(setImmediate);
        expect(errors).not.toHaveBeenCalled();
      });
    }
  });

  it('waits while too much is queued', async () => {
    const sink = new Sink();
    let drained: () => void = () => {};
    sink.congested = true;
    sink.drained = (callback) => {
      drained = callback;
    };
    new ItemSender(['a', 'b'], sink, false).grant(0, 10, 1000);
    await settled();
    expect(sink.sent).toEqual([]);
    sink.congested = false;
    drained();
    await settled();
    expect(sink.sent.map(([, item]) => item)).toEqual(['a', 'b']);
    expect(sink.end).toEqual([undefined, false]);
  });

  it('checks each item before it is sent, and ends with the first that does not pass', async () => {
    const sink = new Sink();
    const fault = new Error('odd');
    const check = (item: unknown) => {
      if (item === 3) throw fault;
      return Number(item) * 10;
    };
    new ItemSender([1, 2, 3], sink, false, check).grant(0, 10, 1000);
    await settled();
    expect(sink.sent.map(([, item]) => item)).toEqual([10, 20]);
    expect(sink.end).toEqual([fault, true]);
  });

  it('waits for an asynchronous check', async () => {
    const sink = new Sink();
    const fault = new Error('odd');
    const check = async (item: unknown) => {
      if (item === 2) throw fault;
      return Number(item) * 10;
    };
    new ItemSender([1, 2, 3], sink, false, check).grant(0, 10, 1000);
    await settled();
    expect(sink.sent.map(([, item]) => item)).toEqual([10]);
    expect(sink.end).toEqual([fault, true]);
  });

  it('sends neither an item nor an error if it is stopped while an item is checked', async () => {
    for (const outcome of [() => 'fine', () => Promise.reject(new Error('odd'))]) {
      const sink = new Sink();
      const checked: unknown[] = [];
      let closed = 0;
      async function* items(): AsyncGenerator<number> {
        try {
          for (let n = 1; ; n++) yield n;
        } finally {
          closed++;
        }
      }
      let release = (_value: unknown): void => {};
      const check = (item: unknown) => {
        checked.push(item);
        return new Promise((resolve) => {
          release = resolve;
        });
      };
      const sender = new ItemSender(items(), sink, false, check);
      sender.grant(0, 10, 1000);
      await settled();
      sender.stop();
      release(outcome());
      await settled();
      expect([checked, sink.sent, sink.end, closed]).toEqual([[1], [], undefined, 1]);
      expect([sender.seq, sender.bytes]).toEqual([0, 0]);
    }
  });

  it('honours credit for at most 4,096 items and 16 MiB', async () => {
    const sink = new Sink();
    const sender = new ItemSender(Array(5000).fill(1), sink, false);
    sender.grant(0, 5000, 2 ** 40);
    await new Promise<void>((resolve) => {
      sink.send = (seq, item, full) => {
        sink.sent.push([seq, item, full]);
        if (full) resolve();
      };
    });
    await settled();
    expect([sink.sent.length, sender.seq]).toEqual([4096, 4096]);
    sender.stop();
    const large = new Sink();
    const mebibytes = Array(20).fill(Buffer.alloc(1024 * 1024));
    const other = new ItemSender(mebibytes, large, false);
    other.grant(0, 20, 2 ** 40);
    await settled();
    expect(large.sent.map(([, , full]) => full)).toEqual([...Array(15).fill(false), true]);
    other.stop();
  });

  it('does not request an item before it has credit for items and for bytes', async () => {
    const sink = new Sink();
    let requested = 0;
    function* items(): Generator<string> {
      for (;;) {
        requested++;
        yield 'x';
      }
    }
    const sender = new ItemSender(items(), sink, false);
    for (const [count, bytes] of [
      [0, 0],
      [0, 100],
      [2, 0],
    ]) {
      sender.grant(0, count, bytes);
      await settled();
      expect(requested).toBe(0);
    }
    sender.grant(0, 1, 1);
    await settled();
    sender.grant(1, 2, 10);
    await settled();
    expect([requested, sink.sent]).toEqual([
      3,
      [
        [1, 'x', true],
        [2, 'x', false],
        [3, 'x', true],
      ],
    ]);
    sender.stop();
    sender.grant(3, 5, 1000);
    await settled();
    expect([requested, sink.end]).toEqual([3, undefined]);
  });

  it('keeps the item that it was waiting for when the connection was lost, and sends it over the next', async () => {
    const sink = new Sink();
    let deliver = (_item: unknown): void => {};
    const items = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise((resolve) => (deliver = (value) => resolve({ done: false, value }))),
      }),
    };
    const sender = new ItemSender(items, sink, true);
    sender.grant(0, 10, 1000);
    deliver('a');
    await settled();
    sender.detach();
    deliver('b');
    await settled();
    expect(sink.sent).toEqual([[1, 'a', false]]);
    expect([sender.seq, sender.keptBytes, sender.bytes]).toEqual([2, 18, 18]);
    sink.sent.length = 0;
    sender.attach(0, { items: 10, bytes: 1000 });
    await settled();
    deliver('c');
    await settled();
    expect(sink.sent).toEqual([
      [1, 'a', false],
      [2, 'b', true],
      [3, 'c', false],
    ]);
    sender.attach(3, { items: 10, bytes: 1000 });
    expect([sender.keptBytes, sender.bytes]).toEqual([0, 27]);
    sender.attach(3, { items: 10, bytes: 1000 });
    expect(sink.sent.length).toBe(3);
    sender.stop();
  });

  it('does not count an item that cannot be sent', async () => {
    const sink = new Sink();
    sink.send = (seq) => {
      if (seq === 2) throw new Error('cannot be encoded');
    };
    const sender = new ItemSender(['a', 'b'], sink, true);
    sender.grant(0, 10, 1000);
    await settled();
    expect([sender.seq, sender.bytes, sender.keptBytes]).toEqual([1, 9, 9]);
    expect(sink.end).toEqual([jasmine.any(Error), true]);
  });

  it('does not close items that have ended or failed', async () => {
    for (const last of [
      () => ({ done: true, value: undefined }),
      () => {
        throw new Error('failed');
      },
    ]) {
      const sink = new Sink();
      let closed = 0;
      const items = {
        [Symbol.asyncIterator]: () => ({
          next: async () => last(),
          return: async () => ({ done: true, value: closed++ }),
        }),
      };
      const sender = new ItemSender(items, sink, true);
      sender.grant(0, 1, 1);
      await settled();
      expect(sink.end).toBeDefined();
      sender.stop();
      await settled();
      expect(closed).toBe(0);
    }
  });

  it('names the value that an iterator returned in place of a result', async () => {
    const sink = new Sink();
    const items = { [Symbol.asyncIterator]: () => ({ next: async () => 'done' }) };
    new ItemSender(items, sink, false).grant(0, 10, 1000);
    await settled();
    const [error] = sink.end ?? [];
    expect((error as Error).message).toBe(
      "The iterator's next() returned 'done', which is not an object { done, value }.",
    );
  });

  it('destroys a stream of Node that it stops, and nothing else that has a method of that name', async () => {
    const readable = new Readable({ read() {} });
    new ItemSender(readable, new Sink(), false).stop();
    expect(readable.destroyed).toBeTrue();
    let destroyed = 0;
    const other = Object.assign([1], { destroy: () => destroyed++ });
    new ItemSender(other, new Sink(), false).stop();
    expect(destroyed).toBe(0);
  });

  it('closes items that nobody reads, whatever comes of it', async () => {
    const closed: string[] = [];
    const itemsThat = (close: () => unknown) => {
      return { [Symbol.asyncIterator]: () => ({ return: close }) } as unknown as AsyncIterable<unknown>;
    };
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      closeItems(itemsThat(async () => closed.push('closed')));
      closeItems(itemsThat(() => Promise.reject(new Error(`rejected ${closed.push('rejected')}`))));
      closeItems(
        itemsThat(() => {
          throw new Error(`thrown ${closed.push('thrown')}`);
        }),
      );
      const readable = new Readable({ read() {} });
      closeItems(readable);
      closeItems({ [Symbol.asyncIterator]: () => ({}) } as never);
      await settled();
      expect([closed, readable.destroyed]).toEqual([['closed', 'rejected', 'thrown'], true]);
      expect(errors).not.toHaveBeenCalled();
    });
  });

  it('accepts iterables, except strings and bytes', () => {
    for (const items of [[], new Set(), Readable.from([]), ReadableStream.from([]), (function* () {})()]) {
      expect(isItems(items)).toBeTrue();
    }
    for (const items of ['text', Buffer.alloc(1), 5, null, undefined, {}]) expect(isItems(items)).toBeFalse();
    expect(isAsyncIterable([])).toBeFalse();
    expect(isAsyncIterable(Readable.from([]))).toBeTrue();
  });
});
