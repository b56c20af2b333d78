import { soak } from './lifecycle.js';

describe('Servers and clients that come and go', () => {
  it('leave no handle, listener, timer or memory, and let the process end by itself', async () => {
    const figures = await soak({ cycles: 60 });
    expect(Object.keys(figures).length).toBeGreaterThan(12);
  });
});
