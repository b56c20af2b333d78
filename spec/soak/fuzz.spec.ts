import { soak } from './fuzz.js';

describe('Any bytes, and any packets of streams,', () => {
  it('become packets, items or typed errors, the same for any chunks', async () => {
    const figures = await soak({ count: 250 });
    expect(Object.keys(figures).length).toBe(12);
  });
});
