import { surface } from '../../lib/faults.js';

describe('An error that a user’s callback threw', () => {
  it('surfaces as an uncaught exception after the current callback', async () => {
    const fault = new Error('thrown');
    await jasmine.spyOnGlobalErrorsAsync(async (errors) => {
      surface(fault);
      expect(errors).not.toHaveBeenCalled();
      await new Promise(setImmediate);
      expect(errors).toHaveBeenCalledOnceWith(fault);
    });
  });
});
