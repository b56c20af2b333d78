import {
  heardOr,
  promised,
  rejected,
  rejectedAsAwaited,
  settledWithin,
  suppressUnhandled,
  traced,
  Waiters,
} from '../../lib/promises.js';
import { stopTime } from '../support/clock.js';
import { failure } from '../support/events.js';

describe('The stack of an error', () => {
  const fails = () => new Promise<never>((_, reject) => setImmediate(reject, new Error('fault')));
  const ways: [string, () => Promise<unknown>][] = [
    ['a traced promise', () => traced(fails())],
    ['a promise that has a listener otherwise', () => heardOr(fails(), () => {})],
    ['a promise that is rejected already', () => rejectedAsAwaited(new Error('fault'))],
    ['a traced promise that is rejected already', () => traced(Promise.reject(new Error('fault')))],
  ];
  for (const [what, make] of ways) {
    it(`shows the code that awaits ${what}`, async () => {
      async function whoAwaits(): Promise<unknown> {
        return await make();
      }
      expect((await failure(whoAwaits())).stack).toContain('at async whoAwaits');
    });
  }

  it('is not added to a value that is not an error', async () => {
    await expectAsync(traced(Promise.reject('text'))).toBeRejectedWith('text');
  });
});

describe('A traced promise', () => {
  it('has the value, and may be rejected without a handler', async () => {
    expect(await traced(Promise.resolve(1))).toBe(1);
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      traced(Promise.reject(new Error('unheard')));
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });
});

describe('A promise given to suppressUnhandled', () => {
  it('may be rejected without a handler', async () => {
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      suppressUnhandled(Promise.reject(new Error('suppressUnhandled')));
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });

  it('is returned unchanged', async () => {
    const promise = Promise.resolve(1);
    expect(suppressUnhandled(promise)).toBe(promise);
    await expectAsync(suppressUnhandled(Promise.reject(new Error('heard')))).toBeRejectedWithError('heard');
  });
});

describe('promised()', () => {
  it('runs its function at once', async () => {
    let done = false;
    const promise = promised(() => {
      done = true;
    });
    expect(done).toBeTrue();
    await expectAsync(promise).toBeResolved();
  });

  it('rejects instead of throwing, and causes no unhandled rejection', async () => {
    const fault = new Error('fault');
    const act = () => {
      throw fault;
    };
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      promised(act);
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
    await expectAsync(promised(act)).toBeRejectedWith(fault);
  });
});

describe('A promise given to heardOr', () => {
  /** What is reported as unheard, and what surfaces, in the turns after an action. */
  async function after(act: (unheard: (error: unknown) => void) => unknown): Promise<unknown[]> {
    const reported: unknown[] = [];
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      await act((error) => reported.push(error));
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
    return reported;
  }

  it('has the value or the error for its listeners', async () => {
    const fault = new Error('fault');
    const reported = await after(async (unheard) => {
      expect(await heardOr(Promise.resolve(5), unheard)).toBe(5);
      await expectAsync(heardOr(Promise.reject(fault), unheard)).toBeRejectedWith(fault);
    });
    expect(reported).toEqual([]);
  });

  it('is reported if it is rejected without a listener, whatever its reason is', async () => {
    const fault = new Error('fault');
    const reported = await after((unheard) => {
      heardOr(Promise.reject(fault), unheard);
      heardOr(Promise.reject('text'), unheard);
      heardOr(Promise.resolve(1), unheard);
    });
    expect(reported).toEqual([fault, 'text']);
  });

  it('is not reported if another promise that was rejected with the same error has a listener', async () => {
    const fault = new Error('fault');
    const reported = await after((unheard) => {
      heardOr(Promise.reject(fault), unheard);
      heardOr(Promise.reject(fault), unheard).catch(() => {});
      heardOr(Promise.reject('text'), unheard);
      heardOr(Promise.reject('text'), unheard).catch(() => {});
    });
    expect(reported).toEqual(['text']);
  });

  it('makes ordinary promises of its listeners', () => {
    const listened = heardOr(Promise.resolve(1), () => {});
    expect(Object.getPrototypeOf(listened)).not.toBe(Promise.prototype);
    expect(Object.getPrototypeOf(listened.then(() => 2))).toBe(Promise.prototype);
  });
});

describe('settledWithin()', () => {
  it('resolves when the promise has settled, or when the time is over', async () => {
    const pass = stopTime();
    await settledWithin(Promise.reject(new Error('fault')), 10);
    await settledWithin(undefined, 10);
    let over = false;
    const late = settledWithin(new Promise(() => {}), 10).then(() => {
      over = true;
    });
    pass(9);
    await new Promise(setImmediate);
    expect(over).toBeFalse();
    pass(1);
    await late;
    expect(over).toBeTrue();
  });
});

describe('rejected()', () => {
  it('is rejected with the error, which need not be handled', async () => {
    const fault = new Error('fault');
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      rejected(fault);
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
    await expectAsync(rejected(fault)).toBeRejectedWith(fault);
  });
});

describe('Waiters', () => {
  it('are settled all at once, each once, and a rejection need not be handled', async () => {
    const waiters = new Waiters<number>();
    const first = [waiters.wait(), waiters.wait()];
    expect(waiters.size).toBe(2);
    waiters.resolve(1);
    waiters.resolve(2);
    expect(waiters.size).toBe(0);
    expect(await Promise.all(first)).toEqual([1, 1]);
    const fault = new Error('fault');
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      const failed = waiters.wait();
      waiters.wait();
      waiters.reject(fault);
      await expectAsync(failed).toBeRejectedWith(fault);
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
    const next = waiters.wait();
    expect(waiters.size).toBe(1);
    waiters.resolve(3);
    expect(await next).toBe(3);
  });
});
