import { ATTACKS } from './attacks.js';
import { soak } from './hostile.js';

/** Attacks that could cost more over one kind of stream than over another. */
const ON_STREAMS = 'frame|half|never reading|more connections|resets|HTTP|TLS';

describe('A hostile peer costs nobody else anything', () => {
  it('over a local socket', async () => {
    const figures = await soak({ rounds: 1, over: 'local' });
    expect(figures.attacks).toBeGreaterThan(Object.keys(ATTACKS).length);
    expect(figures.numbers).toBeGreaterThan(100);
  }, 60_000);

  for (const over of ['tcp', 'tls']) {
    it(`over ${over.toUpperCase()}`, async () => {
      const figures = await soak({ rounds: 1, over, only: ON_STREAMS });
      expect(figures.attacks).toBeGreaterThan(8);
      expect(figures.numbers).toBeGreaterThan(100);
    }, 60_000);
  }
});
