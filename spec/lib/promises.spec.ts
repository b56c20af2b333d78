import { promised, quiet } from '../../lib/promises.js';

describe('A quiet promise', () => {
  it('may be rejected with nobody there to hear it', async () => {
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      quiet(Promise.reject(new Error('quiet')));
      await new Promise(setImmediate);
      expect(errors).not.toHaveBeenCalled();
    });
  });

  it('is the promise that was given', async () => {
    const promise = Promise.resolve(1);
    expect(quiet(promise)).toBe(promise);
    await expectAsync(quiet(Promise.reject(new Error('heard')))).toBeRejectedWithError('heard');
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

  it('is rejected, not thrown, and quiet', async () => {
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
