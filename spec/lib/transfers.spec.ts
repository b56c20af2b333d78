import { transfer, transferOf } from '../../lib/transfers.js';

describe('The transfer list of a payload', () => {
  it('is found by the payload, and is undefined for all others', () => {
    const payload = { bytes: new ArrayBuffer(1) };
    expect(transfer(payload, [payload.bytes])).toBe(payload);
    expect(transferOf(payload)).toEqual([payload.bytes]);
    expect([{}, 1, null, undefined].map(transferOf)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
