import { soak } from './fuzz.js';

describe('Any bytes', () => {
  it('become packets or typed errors in every dialect, the same for any chunks', async () => {
    const figures = await soak({ count: 400 });
    expect(Object.keys(figures).length).toBe(11);
  }, 60_000);
});
