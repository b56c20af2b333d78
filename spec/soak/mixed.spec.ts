import { soak } from './mixed.js';

describe('Traffic of every kind at once', () => {
  it('loses and doubles nothing, and leaves memory flat', async () => {
    const figures = await soak({ minutes: 0.05 });
    for (const kind of ['events', 'requests', 'published', 'big']) expect(figures[kind]).toBeGreaterThan(0);
  });
});
