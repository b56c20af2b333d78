import { Readable } from 'node:stream';
import {
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

  drained(): void {}

  send(seq: number, item: unknown, full: boolean): void {
    this.sent.push([seq, item, full]);
  }

  ended(error: unknown, failed: boolean): void {
    this.end = [error, failed];
  }
}

describe('A sender of items', () => {
  it('says which item uses up its credit', async () => {
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

  it('sends again over another connection what was not taken, and goes on', async () => {
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

  it('refuses to continue where it cannot have been', () => {
    const sender = new ItemSender([1, 2], new Sink(), true);
    expect(() => sender.attach(5, { items: 1, bytes: 1 })).toThrow(
      ipcError('ERR_IPC_PROTOCOL', 'it resumes after item 5, which was not sent or is no longer kept'),
    );
  });

  it('checks each item before it is sent, and ends with what does not pass', async () => {
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

  it('takes what can be iterated, but no text and no bytes', () => {
    for (const items of [[], new Set(), Readable.from([]), ReadableStream.from([]), (function* () {})()]) {
      expect(isItems(items)).toBeTrue();
    }
    for (const items of ['text', Buffer.alloc(1), 5, null, undefined, {}]) expect(isItems(items)).toBeFalse();
    expect(isAsyncIterable([])).toBeFalse();
    expect(isAsyncIterable(Readable.from([]))).toBeTrue();
  });
});
