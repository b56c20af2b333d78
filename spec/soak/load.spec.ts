import { soak } from './load.js';

describe('Many clients of one server', () => {
  it('all exchange messages with it, and receive its broadcast', async () => {
    const figures = await soak({ clients: 300, messages: 5 });
    expect(figures.messages_there_and_back).toBe(1500);
    expect(figures.server_held_KiB_a_client).toBeLessThan(64);
  });
});
