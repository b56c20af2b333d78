import { ATTACKS } from './attacks.js';
import { soak } from './hostile.js';

describe('A hostile peer', () => {
  for (const over of ['local', 'tcp', 'tls']) {
    it(`costs nobody else anything, over ${over}`, async () => {
      const figures = await soak({ rounds: 1, over });
      expect(figures.attacks).toBeGreaterThan(Object.keys(ATTACKS).length);
      expect(figures.numbers).toBeGreaterThan(100);
    }, 60_000);
  }
});
