import { soak } from './hostile.js';

/** Attacks whose cost could depend on the kind of stream. `npm run soak -- hostile` runs all attacks. */
const ON_STREAMS = 'frame|half|never reading|more connections|resets|HTTP|TLS';

describe('A hostile peer affects no other peer', () => {
  for (const over of ['local', 'tcp', 'tls']) {
    it(`over ${over.toUpperCase()}`, async () => {
      const figures = await soak({ rounds: 1, over, only: ON_STREAMS });
      expect(figures.attacks).toBeGreaterThan(8);
      expect(figures.numbers).toBeGreaterThan(100);
    });
  }
});
