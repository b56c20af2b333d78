import { IPCError } from '../../../entities/errors.js';
import { OwnSubscriptions } from '../../../services/channel/own-subscriptions.js';
import { ipcError } from '../../support/errors.js';

describe('OwnSubscriptions', () => {
  let own: OwnSubscriptions;

  beforeEach(() => {
    own = new OwnSubscriptions('a');
  });

  it('counts the versions of its topics', () => {
    expect(own.current).toEqual({ id: 'a', topics: [], version: 0 });
    own.replace(['news']);
    own.replace(['news', 'weather']);
    expect(own.current).toEqual({ id: 'a', topics: ['news', 'weather'], version: 2 });
  });

  it('resolves each caller when the others know its version or a later one', async () => {
    const known: number[] = [];
    const waits = [0, 1, 2, 3].map((version) => own.known(version));
    for (const [version, wait] of waits.entries()) void wait.then(() => known.push(version));
    own.told(0);
    await waits[0];
    expect(known).toEqual([0]);
    own.told(2);
    await waits[2];
    expect(known).toEqual([0, 1, 2]);
    own.told(3);
    await waits[3];
  });

  it('rejects all waiting promises when the others can no longer be reached', async () => {
    const waits = [own.known(0), own.known(1)];
    own.end(new IPCError('ERR_IPC_CLOSED', 'The channel is closed.'));
    for (const wait of waits) await expectAsync(wait).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });
});
