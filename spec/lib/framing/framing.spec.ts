import { cutShort, isBlank } from '../../../lib/framing/framing.js';

describe('A frame of JSON', () => {
  it('is blank if it has nothing but space', () => {
    for (const blank of ['', ' ', '\r\n', '\t \ufeff']) expect(isBlank(blank)).toBeTrue();
    for (const full of ['{', '{}', ' {}', 'x', '\0']) expect(isBlank(full)).toBeFalse();
  });
});

describe('A stream that ends too early', () => {
  it('is reported with the number of bytes of the incomplete frame', () => {
    expect([cutShort(1, 'delimiter').code, cutShort(1, 'delimiter').message]).toEqual([
      'ERR_IPC_DECODE',
      'The stream ended with 1 byte of a frame whose delimiter never came; that frame is lost.',
    ]);
    expect(cutShort(20, 'rest').message).toContain('with 20 bytes of a frame whose rest never came');
  });
});
