import { Deadline } from '../../lib/deadline.js';

// Node may end a timer up to a millisecond before its time by the clock that a deadline reads.
const EARLY = 2;

describe('A deadline', () => {
  it('limits several waits together', async () => {
    const limit = new Deadline(50);
    expect(limit.left).toBeGreaterThan(0);
    await limit.settled(new Promise(() => {}));
    expect(limit.left).toBeLessThan(EARLY);
    await limit.settled(new Promise(() => {}));
    expect(limit.left).toBeLessThan(EARLY);
  });

  it('has no time left once it has passed', () => {
    expect(new Deadline(0).left).toBe(0);
    expect(new Deadline(-1000).left).toBe(0);
  });

  it('waits no longer than for the promise, also if that is rejected', async () => {
    const limit = new Deadline(1e9);
    await limit.settled(Promise.resolve());
    await limit.settled(Promise.reject(new Error('fault')));
    await limit.settled(undefined);
    expect(limit.left).toBeGreaterThan(9e8);
  });
});
