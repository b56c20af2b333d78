import { IPCError } from '../../../entities/errors.js';
import { Call } from '../../../lib/conversations/call.js';
import { refuse, responseTo } from '../../../lib/conversations/response.js';
import type { StandardSchema } from '../../../lib/schemas.js';
import { ipcError } from '../../support/errors.js';
import { failure } from '../../support/events.js';

const call = () => new Call(1, 'add', 0, 0, undefined);

/** Takes numbers, and doubles them. */
const doubled: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'spec',
    validate: (value) =>
      typeof value === 'number' ? { value: value * 2 } : { issues: [{ message: 'not a number' }] },
  },
};

describe('The response to a call', () => {
  it('resolves the call', async () => {
    const asked = call();
    const response = responseTo(asked, undefined);
    asked.resolve?.(42);
    expect(await response).toBe(42);
  });

  it('is the output of its schema, or a rejection if it does not fit', async () => {
    const [good, bad] = [call(), call()];
    const [response, refused] = [responseTo(good, doubled), responseTo(bad, doubled)];
    good.resolve?.(21);
    bad.resolve?.('21');
    expect(await response).toBe(42);
    const message = 'The response to add does not fit the schema';
    expect(await failure(refused)).toEqual(ipcError('ERR_IPC_INVALID_OUTPUT', message));
  });

  it('is rejected with the stack of the awaiting code', async () => {
    for (const schema of [undefined, doubled]) {
      const asked = call();
      async function whoAsks(): Promise<unknown> {
        return await responseTo(asked, schema);
      }
      const failed = failure(whoAsks());
      refuse(asked, new IPCError('ERR_IPC_TIMEOUT', 'too late'));
      expect((await failed).stack).toContain('whoAsks');
    }
  });

  it('may be rejected without a handler', async () => {
    const asked = call();
    responseTo(asked, undefined);
    const unhandled = jasmine.createSpy('unhandledRejection');
    process.on('unhandledRejection', unhandled);
    refuse(asked, new Error('nobody listens'));
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
