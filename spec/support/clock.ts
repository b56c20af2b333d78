const { setTimeout: later, clearTimeout: cancel } = globalThis;

let stopped: number | undefined;

/**
 * Stops the time of this process until the spec ends: timers fire, and performance.now() advances, only when the returned function
 * lets milliseconds pass. Sockets, promises and immediates continue.
 */
export function stopTime(): (milliseconds: number) => void {
  const { now } = performance;
  // In whole milliseconds, so that sums and differences are exact.
  let time = Math.ceil(now.call(performance));
  stopped = time;
  spyOn(performance, 'now').and.callFake(() => (stopped === undefined ? now.call(performance) : time));
  jasmine.clock().install();
  for (const name of ['clearTimeout', 'clearInterval'] as const) {
    const clear = globalThis[name] as typeof cancel;
    // It may be a timer from before.
    globalThis[name] = (timer) => {
      cancel(timer);
      clear(timer);
    };
  }
  return (milliseconds) => {
    time += milliseconds;
    jasmine.clock().tick(milliseconds);
  };
}

/**
 * Lets the time of this process pass only while the process runs, until the spec ends: a millisecond in each turn of the event loop,
 * and at most one each real millisecond. A time limit then cannot pass because a busy machine did not schedule the process.
 */
export function steadyTime(): void {
  const pass = stopTime();
  const mine = stopped;
  const step = () => {
    if (stopped !== mine) return;
    pass(1);
    later(step, 1);
  };
  later(step, 1);
}

/** Lets the time pass as usual again, if it was changed. It is called before the cleanups of a spec. */
export function resumeTime(): void {
  if (stopped === undefined) return;
  stopped = undefined;
  jasmine.clock().uninstall();
}
