import { Deadline } from '../../lib/deadline.js';

describe('A deadline', () => {
  it('limits several waits together', async () => {
    const limit = new Deadline(20);
    expect(limit.left).toBeGreaterThan(0);
    await limit.settled(new Promise(() => {}));
    expect(limit.left).toBeLessThan(5);
    await limit.settled(new Promise(() => {}));
    expect(limit.left).toBe(0);
  });

  it('waits no longer than for the promise, also if that is rejected', async () => {
    const limit = new Deadline(1e9);
    await limit.settled(Promise.resolve());
    await limit.settled(Promise.reject(new Error('fault')));
    await limit.settled(undefined);
    expect(limit.left).toBeGreaterThan(9e8);
  });
});
