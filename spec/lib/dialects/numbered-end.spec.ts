import { NumberedEnd } from '../../../lib/dialects/numbered-end.js';

describe('The numbered end of a frame', () => {
  it('has every number as JSON writes it', () => {
    const end = new NumberedEnd(',"id":', '}\f');
    const { MAX_SAFE_INTEGER } = Number;
    const small = [0, -0, 1, 9, 10, 99, 100, 999, -1, -999, -1000, -1234567];
    const thousands = [1000, 1001, 1010, 1100, 1999, 2000, 12_005, 12_050, 999_999, 1_000_000, 12_006];
    const large = [2 ** 31, 2 ** 32 + 7, MAX_SAFE_INTEGER - 1, MAX_SAFE_INTEGER];
    const odd = [0.5, 1234.5, 1e6 + 0.25, MAX_SAFE_INTEGER + 1, 123_456_789_012_345_680_000, 1e21, 1.5e300];
    for (const number of [...small, ...thousands, ...large, ...odd]) {
      expect(end.of(number))
        .withContext(`${number}`)
        .toBe(`,"id":${JSON.stringify(number)}}\f`);
    }
  });

  it('keeps the ends of different delimiters apart', () => {
    const feed = new NumberedEnd(',"id":', '}\f');
    const bars = new NumberedEnd(',"re":', '}||');
    const ends = [1001, 1002].flatMap((number) => [feed.of(number), bars.of(number)]);
    expect(ends).toEqual([',"id":1001}\f', ',"re":1001}||', ',"id":1002}\f', ',"re":1002}||']);
  });
});
