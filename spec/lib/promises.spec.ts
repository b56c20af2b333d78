import { promised, suppressUnhandled } from '../../lib/promises.js';

describe('A suppressUnhandled promise', () => {
  it('may be rejected with nobody there to hear it', async () => {
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      suppressUnhandled(Promise.reject(new Error('suppressUnhandled')));
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });

  it('is the promise that was given', async () => {
    const promise = Promise.resolve(1);
    expect(suppressUnhandled(promise)).toBe(promise);
    await expectAsync(suppressUnhandled(Promise.reject(new Error('heard')))).toBeRejectedWithError('heard');
  });
});

describe('What is promised', () => {
  it('is done at once', async () => {
    let done = false;
    const promise = promised(() => {
      done = true;
    });
    expect(done).toBeTrue();
    await expectAsync(promise).toBeResolved();
  });

  it('is rejected, not thrown, and suppressUnhandled', async () => {
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
