import { soak } from './streams.js';

describe('Streams that resume', () => {
  it('lose, repeat and reorder no item, however often they are cut', async () => {
    const figures = await soak({ streams: 60, cuts: 12, items: 30, asks: 200 });
    expect(figures).toEqual(jasmine.objectContaining({ streams: 60, items: 1800 }));
  });
});
