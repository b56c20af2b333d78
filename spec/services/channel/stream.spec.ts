import { type Parcel, Stream } from '../../../services/channel/stream.js';

describe('Stream', () => {
  let sent: [number, string][];
  let stream: Stream;

  beforeEach(() => {
    sent = [];
    stream = new Stream(1, (seq, { body }) => sent.push([seq, body]));
  });

  it('keeps messages until there is a way to the peer, and numbers them from 1', () => {
    stream.push(parcel('a'));
    stream.push(parcel('b'));
    expect(sent).toEqual([]);
    stream.open();
    stream.push(parcel('c'));
    expect(sent).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
  });

  it('keeps messages until they are acknowledged, and gives those back that are', () => {
    stream.open();
    for (const body of ['a', 'b', 'c']) stream.push(parcel(body));
    expect(stream.acknowledge(2).map(({ body }) => body)).toEqual(['a', 'b']);
    expect(stream.length).toBe(1);
    expect(stream.acknowledge(2)).toEqual([]);
    expect(stream.acknowledge(1)).toEqual([]);
    expect(stream.acknowledge(99).map(({ body }) => body)).toEqual(['c']);
    expect(stream.length).toBe(0);
  });

  it('lets no message go that was never sent', () => {
    stream.push(parcel('a'));
    expect(stream.acknowledge(1)).toEqual([]);
    stream.open();
    expect(sent).toEqual([[1, 'a']]);
  });

  it('sends all that is not acknowledged again, under the same numbers, when there is a way again', () => {
    stream.open();
    for (const body of ['a', 'b', 'c']) stream.push(parcel(body));
    stream.acknowledge(1);
    stream.pause();
    stream.push(parcel('d'));
    sent = [];
    stream.open();
    expect(sent).toEqual([
      [2, 'b'],
      [3, 'c'],
      [4, 'd'],
    ]);
  });

  it('lets go of what was acknowledged while there was no way', () => {
    stream.open();
    for (const body of ['a', 'b', 'c']) stream.push(parcel(body));
    stream.pause();
    stream.acknowledge(2);
    sent = [];
    stream.open();
    expect(sent).toEqual([[3, 'c']]);
  });

  it('has 1024 messages under way at most', () => {
    stream.open();
    for (let i = 0; i < 3000; i++) stream.push(parcel(String(i)));
    expect(sent.length).toBe(1024);
    stream.acknowledge(1000);
    expect(sent.length).toBe(2024);
    stream.acknowledge(2024);
    expect(sent.at(-1)).toEqual([3000, '2999']);
  });

  it('has about 1 MiB under way at most, or one longer message', () => {
    stream.open();
    const half = 'x'.repeat(512 * 1024);
    for (let i = 0; i < 4; i++) stream.push(parcel(half));
    expect(sent.length).toBe(2);
    stream.acknowledge(1);
    expect(sent.length).toBe(3);
    stream.acknowledge(3);
    stream.acknowledge(4);
    stream.push(parcel('y'.repeat(2 * 1024 * 1024)));
    stream.push(parcel('z'));
    expect(sent.length).toBe(5);
    stream.acknowledge(5);
    expect(sent.at(-1)).toEqual([6, 'z']);
  });

  it('gives everything up when it is emptied', () => {
    stream.open();
    stream.push(parcel('a'));
    expect(stream.empty().map(({ body }) => body)).toEqual(['a']);
    expect(stream.length).toBe(0);
  });
});

function parcel(body: string): Parcel {
  return { order: 0, to: 1, body, request: undefined, answer: false, delivery: undefined };
}
