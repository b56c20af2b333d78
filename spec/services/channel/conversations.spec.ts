import type { Channel } from '../../../services/channel/index.js';
import { freshRendezvous, openChannels } from '../../support/channels.js';
import { ipcError } from '../../support/errors.js';
import { once } from '../../support/events.js';

/** A timeout in milliseconds that no spec reaches: who waits for it hangs. */
const NEVER = 1e9;

describe('Conversations', () => {
  let directory: string;

  beforeEach(() => {
    directory = freshRendezvous();
  });

  it('waits for answers on close, and rejects their requests on disconnect', async () => {
    const [first, second, third] = (await openChannels(directory, 3)) as [Channel, Channel, Channel];
    let answer: (text: string) => void = () => {};
    const answered = new Promise<string>((resolve) => {
      answer = resolve;
    });
    first.handle('wait', () => answered);
    const [waits, fails] = [second.to(1).request('wait'), third.to(1).request('wait')];
    const left = once(first, 'leave');
    const closing = second.close();
    third.disconnect();
    expect((await left)[0]).toBe(3);
    answer('done');
    expect(await waits).toBe('done');
    await closing;
    await expectAsync(fails).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });

  it('waits for its handlers to answer others when it closes', async () => {
    const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
    let answer: (text: string) => void = () => {};
    const called = new Promise<void>((begun) => {
      first.handle('wait', () => {
        begun();
        return new Promise<string>((resolve) => {
          answer = resolve;
        });
      });
    });
    const asked = second.to(1).request('wait');
    await called;
    let closed = false;
    first.handle('next', (n: number) => n);
    const closing = first.close().then(() => {
      closed = true;
    });
    // It continues to receive, for as long as it waits.
    for (let n = 0; n < 20; n++) expect(await second.to(1).request('next', n)).toBe(n);
    expect(closed).toBeFalse();
    answer('done');
    expect(await asked).toBe('done');
    await closing;
  });

  it('does not wait for handlers whose callers have left', async () => {
    const [first, second] = (await openChannels(directory, 2)) as [Channel, Channel];
    const called = new Promise<void>((begun) => {
      first.handle('never', () => {
        begun();
        return new Promise(() => {});
      });
    });
    second
      .to(1)
      .request('never')
      .catch(() => {});
    await called;
    const left = once(first, 'leave');
    second.disconnect();
    await left;
    await first.close({ timeout: NEVER });
    expect(first.peers).toEqual([]);
  });

  it('does not wait for an answer from an absent peer', async () => {
    const [first] = (await openChannels(directory, 1)) as [Channel];
    const request = first.to(9).request('wait', 1, { timeout: 0 });
    await first.close({ timeout: NEVER });
    await expectAsync(request).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });

  it('waits no longer than its timeout', async () => {
    const [first] = (await openChannels(directory, 1)) as [Channel];
    first.handle('never', () => new Promise(() => {}));
    const request = first.to(1).request('never');
    await first.close({ timeout: 50 });
    await expectAsync(request).toBeRejectedWith(ipcError('ERR_IPC_CLOSED'));
  });
});
