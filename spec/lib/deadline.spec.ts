import { Deadline } from '../../lib/deadline.js';
import { stopTime } from '../support/clock.js';

describe('A deadline', () => {
  it('limits several waits together', async () => {
    const pass = stopTime();
    const limit = new Deadline(50);
    const waits = [limit.settled(new Promise(() => {}))];
    pass(20);
    expect(limit.left).toBe(30);
    waits.push(limit.settled(new Promise(() => {})));
    pass(30);
    await Promise.all(waits);
    expect(limit.left).toBe(0);
    const late = limit.settled(new Promise(() => {}));
    pass(0);
    await late;
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
