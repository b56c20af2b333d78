import { Deadlines, type Due } from '../../../lib/conversations/deadlines.js';

class Entry implements Due {
  readonly since: number;
  queue: Due['queue'];
  earlier: Due | undefined;
  later: Due | undefined;
  readonly name: string;

  constructor(name: string, since: number) {
    this.name = name;
    this.since = since;
  }
}

describe('Deadlines', () => {
  let deadlines: Deadlines<Entry>;
  let ended: [name: string, at: number][];
  let now: number;

  beforeEach(() => {
    now = 1000;
    ended = [];
    jasmine.clock().install();
    spyOn(performance, 'now').and.callFake(() => now);
    deadlines = new Deadlines((entry) => ended.push([entry.name, now - 1000]));
  });

  afterEach(() => jasmine.clock().uninstall());

  function add(name: string, timeout: number): Entry {
    const entry = new Entry(name, now);
    deadlines.add(entry, timeout);
    return entry;
  }

  function pass(milliseconds: number): void {
    for (let n = 0; n < milliseconds; n++) {
      now++;
      jasmine.clock().tick(1);
    }
  }

  it('end each entry when its time is up, whatever their order', () => {
    add('c', 30);
    add('a', 10);
    add('b', 20);
    add('a again', 10);
    pass(100);
    expect(ended.map(([name]) => name)).toEqual(['a', 'a again', 'b', 'c']);
    for (const [index, due] of [10, 10, 20, 30].entries()) {
      const [, at] = ended[index] as [string, number];
      expect(at).toBeGreaterThanOrEqual(due);
      expect(at).toBeLessThanOrEqual(due + 1);
    }
  });

  it('end no entry that was removed', () => {
    const entries = ['a', 'b', 'c', 'd'].map((name) => add(name, 10));
    for (const index of [0, 2, 3]) deadlines.remove(entries[index] as Entry);
    deadlines.remove(entries[0] as Entry);
    pass(20);
    expect(ended.map(([name]) => name)).toEqual(['b']);
    add('a', 10);
    pass(20);
    expect(ended.map(([name]) => name)).toEqual(['b', 'a']);
  });

  it('may be added while others end', () => {
    deadlines = new Deadlines((entry) => {
      ended.push([entry.name, now - 1000]);
      if (ended.length < 3) add('next', 5);
    });
    add('first', 5);
    pass(40);
    expect(ended.length).toBe(3);
  });

  it('of more than a second are at most 1 % late, and never early', () => {
    for (const timeout of [1001, 1234, 9999, 10_000, 123_456]) {
      ended = [];
      const since = now;
      add('long', timeout);
      pass(timeout - 1);
      expect(ended).toEqual([]);
      pass(Math.ceil(timeout / 100) + 2);
      expect(ended.length).toBe(1);
      expect(now - since).toBeGreaterThanOrEqual(timeout);
    }
  });

  it('are rounded up to three digits, or to a millisecond, so that computed timeouts share queues', () => {
    const waits = [1231, 1235.5, 1240, 1000.5, 999.2, 99.1, 45_601].map(
      (timeout) => add('x', timeout).queue?.wait,
    );
    expect(waits).toEqual([1240, 1240, 1240, 1010, 1000, 100, 45_700]);
  });

  it('do not exist if the timeout is 0, or longer than any timer', () => {
    for (const timeout of [0, 2 ** 31, Number.POSITIVE_INFINITY]) add('never', timeout);
    pass(100);
    now += 2 ** 32;
    jasmine.clock().tick(2 ** 31);
    expect(ended).toEqual([]);
  });

  it('share one timer, which keeps no process alive', () => {
    jasmine.clock().uninstall();
    const active = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = active();
    for (let n = 1; n <= 100; n++) add('waits', 10_000 + n);
    expect(active()).toBe(before);
    deadlines.stop();
    jasmine.clock().install();
  });
});
