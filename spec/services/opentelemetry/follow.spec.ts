import { Readable } from 'node:stream';
import { callEvent, follow, followed } from '../../../services/opentelemetry/follow.js';

describe('A stream that is followed', () => {
  const direct = <Result>(act: () => Result): Result => act();

  async function* numbers(fails = false): AsyncGenerator<number> {
    yield 1;
    if (fails) throw new Error('no more');
    yield 2;
  }

  function reading(items: AsyncGenerator<unknown>, ended: (error?: unknown) => void) {
    follow(items, ended);
    return items;
  }

  for (const [who, of] of [
    ['its reader', reading],
    [
      'who responds with it',
      (items: AsyncGenerator<unknown>, ended: (error?: unknown) => void) => followed(items, direct, ended),
    ],
  ] as const) {
    it(`reports its end to ${who}`, async () => {
      const ends: unknown[][] = [];
      const read = async (items: AsyncGenerator<unknown>, most = 9) => {
        const seen: unknown[] = [];
        for await (const item of of(items, (...why) => ends.push(why))) if (seen.push(item) === most) break;
        return seen;
      };
      expect(await read(numbers())).toEqual([1, 2]);
      expect(ends.splice(0)).toEqual([[]]);
      expect(await read(numbers(), 1)).toEqual([1]);
      expect(ends.splice(0)).toEqual([[]]);
      await expectAsync(read(numbers(true))).toBeRejectedWithError('no more');
      expect(ends).toEqual([[new Error('no more')]]);
    });
  }

  it('ends with its call if it is not read, with the error of the call', () => {
    const ends: unknown[][] = [];
    const [good, bad] = [numbers(), numbers()];
    for (const stream of [good, bad]) follow(stream, (...why) => ends.push(why));
    callEvent({ state: 'open', stream: good });
    callEvent({ state: 'done', stream: numbers() });
    callEvent({ state: 'done' });
    expect(ends).toEqual([]);
    callEvent({ state: 'done', stream: good });
    callEvent({ state: 'failed', stream: bad, error: 'lost' });
    expect(ends).toEqual([[undefined], ['lost']]);
  });

  it('ends with the error of the item that its reader waits for, and not with the end of its call', async () => {
    const ends: unknown[][] = [];
    const stream = numbers(true);
    follow(stream, (...why) => ends.push(why));
    await stream.next();
    const item = stream.next();
    callEvent({ state: 'done', stream });
    expect(ends).toEqual([]);
    await expectAsync(item).toBeRejectedWithError('no more');
    expect(ends[0]).toEqual([new Error('no more')]);
  });

  it('ends with its call if its reader has the item that it waited for, and requests no other', async () => {
    const ends: unknown[][] = [];
    const stream = numbers();
    follow(stream, (...why) => ends.push(why));
    const item = stream.next();
    callEvent({ state: 'done', stream });
    expect([await item, ends]).toEqual([{ value: 1, done: false }, [[undefined]]]);
  });

  it('is read in its own context, and destroyed if it is not read', () => {
    const entered: string[] = [];
    const enter = <Result>(act: () => Result): Result => {
      entered.push('in');
      return act();
    };
    const iterator = followed(numbers(), enter, () => {})[Symbol.asyncIterator]();
    void iterator.next();
    expect(entered).toEqual(['in', 'in']);
    const readable = Readable.from(numbers());
    let ended = 0;
    const stream = followed(readable, enter, () => ended++) as unknown as Readable;
    expect(typeof stream.pipe).toBe('function');
    stream.destroy();
    expect([readable.destroyed, ended]).toEqual([true, 1]);
  });
});
