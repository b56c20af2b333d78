import { Lifecycle } from '../../lib/lifecycle.js';

describe('A lifecycle', () => {
  let log: string[];
  let lifecycle: Lifecycle<number>;
  const ignore = () => {};
  const begin = async () => log.push('begun');
  const end = async () => {
    log.push('ending');
    await Promise.resolve();
    log.push('ended');
  };

  beforeEach(() => {
    log = [];
    lifecycle = new Lifecycle();
  });

  it('begins at once, and once however often it is started', async () => {
    const started = lifecycle.start(begin, ignore);
    expect(log).toEqual(['begun']);
    expect(lifecycle.start(begin, ignore)).toBe(started);
    expect(await started).toBe(1);
    expect(log).toEqual(['begun']);
  });

  it('ends once however often it is stopped, and not at all before it was started', async () => {
    await lifecycle.stop(end);
    lifecycle.start(begin, ignore);
    await Promise.all([lifecycle.stop(end), lifecycle.stop(end)]);
    await lifecycle.stop(end);
    expect(log).toEqual(['begun', 'ending', 'ended']);
  });

  it('is active from when it is told to start to when it is told to stop, or fails', async () => {
    expect(lifecycle.active).toBeFalse();
    lifecycle.start(begin, ignore);
    expect(lifecycle.active).toBeTrue();
    const stopped = lifecycle.stop(end);
    expect(lifecycle.active).toBeFalse();
    await stopped;
    await lifecycle.start(() => Promise.reject(new Error('oops')), ignore).catch(ignore);
    expect(lifecycle.active).toBeFalse();
  });

  it('runs starts and stops in the order asked for', async () => {
    lifecycle.start(begin, ignore);
    lifecycle.stop(end);
    lifecycle.start(begin, ignore);
    lifecycle.start(begin, ignore);
    await lifecycle.stop(end);
    expect(log).toEqual(['begun', 'ending', 'ended', 'begun', 'ending', 'ended']);
    await lifecycle.start(begin, ignore);
    expect(log.at(-1)).toBe('begun');
  });

  it('reports why a start failed, and allows another one', async () => {
    const fault = new Error('no');
    let again: Promise<number> | undefined;
    const failing = lifecycle.start(
      () => Promise.reject(fault),
      (error) => {
        log.push(String(error));
        again = lifecycle.start(begin, ignore);
      },
    );
    await expectAsync(failing).toBeRejectedWith(fault);
    expect(await again).toBe(2);
    expect(log).toEqual(['Error: no', 'begun']);
  });

  it('does not stop if it was not started', async () => {
    lifecycle.start(() => Promise.reject(new Error('no')), ignore);
    await lifecycle.stop(end);
    expect(log).toEqual([]);
  });
});
