import { NatsRemote, RESEND_MS } from '../../../services/channel/nats-remote.js';

describe('A remote over NATS', () => {
  function make() {
    const calls: unknown[][] = [];
    const remote = new NatsRemote(
      { id: 'a', number: 1, topics: [], version: 0 },
      (...args) => calls.push(['post', ...args]),
      (...args) => calls.push(['flush', ...args]),
    );
    return { remote, calls };
  }

  it('hands what is sent to its carrier, with itself', () => {
    const { remote, calls } = make();
    remote.send(1, 'body');
    const { flush } = remote;
    flush();
    expect(calls).toEqual([
      ['post', remote, 1, 'body'],
      ['flush', remote],
    ]);
  });

  it('waits twice as long for each acknowledgement that does not come, up to a limit', () => {
    const { remote } = make();
    remote.restart({ epoch: 1, first: 4 });
    remote.sent = 4;
    remote.since = 0;
    const late = Array.from({ length: 6 }, () => {
      let times = 1;
      while (!remote.isLate(times * RESEND_MS)) times++;
      return times;
    });
    expect(late).toEqual([1, 2, 4, 8, 16, 16]);
  });

  it('is not late with nothing to acknowledge, or while there is no path to it', () => {
    const { remote } = make();
    remote.sent = 4;
    expect(remote.isLate(remote.since + 2 * RESEND_MS)).toBeFalse();
    remote.restart({ epoch: 1, first: 5 });
    expect([remote.acknowledged, remote.isLate(remote.since + 2 * RESEND_MS)]).toEqual([4, false]);
    remote.sent = 5;
    expect(remote.isLate(remote.since + 2 * RESEND_MS)).toBeTrue();
  });
});
