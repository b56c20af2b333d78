import { addTraffic, noStats } from '../../lib/stats.js';

describe('Stats', () => {
  it('start at zero', () => {
    expect(noStats()).toEqual({
      packetsIn: 0,
      packetsOut: 0,
      bytesIn: 0,
      bytesOut: 0,
      openRequests: 0,
      pendingBytes: 0,
      since: 0,
    });
    expect(noStats(5).since).toBe(5);
  });

  it('add up cumulative figures, and no momentary ones', () => {
    const sum = { ...noStats(5), packetsIn: 1, bytesOut: 10, openRequests: 3, pendingBytes: 4 };
    addTraffic(sum, {
      packetsIn: 1,
      packetsOut: 2,
      bytesIn: 3,
      bytesOut: 4,
      openRequests: 5,
      pendingBytes: 6,
      since: 7,
    });
    expect(sum).toEqual({
      packetsIn: 2,
      packetsOut: 2,
      bytesIn: 3,
      bytesOut: 14,
      openRequests: 3,
      pendingBytes: 4,
      since: 5,
    });
  });
});
