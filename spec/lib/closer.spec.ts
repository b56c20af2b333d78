import { Closer } from '../../lib/closer.js';
import { stopTime } from '../support/clock.js';

describe('A closer', () => {
  it('calls back at once if nothing is open', () => {
    const idle = jasmine.createSpy();
    const closer = new Closer({ openCalls: 0, answering: 0, giveUp() {} }, 0, idle);
    expect(closer.waits).toBeTrue();
    closer.check();
    closer.check();
    expect(idle).toHaveBeenCalledTimes(1);
    expect(closer.waits).toBeFalse();
  });

  it('waits for requests in both directions', () => {
    const idle = jasmine.createSpy();
    const busy = { openCalls: 1, answering: 1, giveUp() {} };
    const closer = new Closer(busy, 0, idle);
    closer.check();
    busy.openCalls = 0;
    closer.check();
    expect(idle).not.toHaveBeenCalled();
    busy.answering = 0;
    closer.check();
    expect(idle).toHaveBeenCalledTimes(1);
  });

  it('stops waiting for slow handlers after its timeout, but not for open requests', async () => {
    const busy = { openCalls: 1, answering: 1, giveUp() {} };
    let closer: Closer | undefined;
    const idle = new Promise<void>((resolve) => {
      closer = new Closer(busy, 1, resolve);
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(closer?.waits).toBeTrue();
    busy.openCalls = 0;
    closer?.check();
    await idle;
  });

  it('gives up once after its timeout, and not at all without one or if it is cancelled', () => {
    const pass = stopTime();
    const log: string[] = [];
    const closerOf = (name: string, patience: number) => {
      const busy = { openCalls: 0, answering: 1, giveUp: () => log.push(`${name} gives up`) };
      return new Closer(busy, patience, () => log.push(`${name} is idle`));
    };
    const impatient = closerOf('first', 10);
    closerOf('second', 0);
    const cancelled = closerOf('third', 10);
    cancelled.cancel();
    pass(9);
    expect(log).toEqual([]);
    pass(1);
    expect(log).toEqual(['first gives up', 'first is idle']);
    expect([impatient.waits, cancelled.waits]).toEqual([false, false]);
    pass(1000);
    expect(log.length).toBe(2);
  });

  it('does not call back once it is cancelled', () => {
    const idle = jasmine.createSpy();
    const closer = new Closer({ openCalls: 0, answering: 0, giveUp() {} }, 1000, idle);
    closer.cancel();
    closer.check();
    expect(idle).not.toHaveBeenCalled();
  });
});
