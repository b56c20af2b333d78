import { heardOr, promised, rejectedAsAwaited, suppressUnhandled, traced } from '../../lib/promises.js';
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
