import { delayOf, RETRIES, type RetryConfig, retryLimit } from '../../../entities/config/retries.js';
import { itRefuses } from '../../support/settings.js';

describe('The retries of a config', () => {
  itRefuses(RETRIES, {
    retry: [-1, '500', Number.NaN, 2 ** 31, null, {}, { min: 1 }, { min: 2, max: 1 }, { min: 1, max: '2' }],
    maxRetries: [-1, '3', Number.NaN, null, undefined],
    stopRetrying: [-1, '3', Number.NaN, null, undefined],
  });
});

describe('How often a client retries', () => {
  const unlimited = Number.POSITIVE_INFINITY;
  const expected: [RetryConfig['maxRetries'], [RetryConfig['stopRetrying'], number][]][] = [
    [
      false,
      [
        [false, unlimited],
        [true, 0],
        [0, 0],
        [3, 3],
      ],
    ],
    [
      true,
      [
        [false, unlimited],
        [true, 0],
        [0, 0],
        [3, 3],
      ],
    ],
    [
      0,
      [
        [false, 0],
        [true, 0],
        [0, 0],
        [3, 0],
      ],
    ],
    [
      2,
      [
        [false, 2],
        [true, 0],
        [0, 0],
        [3, 2],
        [1, 1],
      ],
    ],
    [
      unlimited,
      [
        [false, unlimited],
        [true, 0],
        [0, 0],
        [3, 3],
      ],
    ],
  ];

  for (const [maxRetries, cases] of expected) {
    it(`follows from maxRetries ${maxRetries} and stopRetrying together`, () => {
      for (const [stopRetrying, limit] of cases) {
        expect(retryLimit({ maxRetries, stopRetrying }))
          .withContext(`stopRetrying ${stopRetrying}`)
          .toBe(limit);
      }
    });
  }
});

describe('A delay', () => {
  it('is always the same if it is a number', () => {
    expect(delayOf(500)).toBe(500);
    expect(delayOf(0)).toBe(0);
  });

  it('is random between two bounds', () => {
    const delays = Array.from({ length: 200 }, () => delayOf({ min: 10, max: 20 }));
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(10);
      expect(delay).toBeLessThanOrEqual(20);
    }
    expect(new Set(delays).size).toBeGreaterThan(100);
    expect(delayOf({ min: 7, max: 7 })).toBe(7);
  });
});
