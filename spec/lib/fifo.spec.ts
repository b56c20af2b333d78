import { Fifo } from '../../lib/fifo.js';

describe('A queue', () => {
  it('returns its entries in the order in which they were added, also if more are added in between', () => {
    for (const burst of [1, 2, 5, 100]) {
      const queue = new Fifo<number>();
      const out: number[] = [];
      let added = 0;
      for (let round = 0; round < 50; round++) {
        for (let i = 0; i < burst; i++) queue.push(added++);
        out.push(queue.shift());
        expect(queue.length).toBe(added - out.length);
        expect(queue.toArray()).toEqual(Array.from({ length: queue.length }, (_, i) => out.length + i));
      }
      while (queue.length > 0) out.push(queue.shift());
      expect(out).toEqual([...Array(added).keys()]);
    }
  });

  it('has a last entry unless it is empty', () => {
    const queue = new Fifo<number>();
    expect(queue.last).toBeUndefined();
    queue.push(1);
    queue.push(2);
    expect(queue.last).toBe(2);
    queue.shift();
    expect(queue.last).toBe(2);
    queue.shift();
    expect(queue.last).toBeUndefined();
  });

  it('can be cleared', () => {
    const queue = new Fifo<number>();
    queue.push(1);
    queue.push(2);
    queue.shift();
    queue.clear();
    expect([queue.length, queue.toArray()]).toEqual([0, []]);
    queue.push(3);
    expect(queue.shift()).toBe(3);
  });
});
