import { OpenWrites } from '../../../lib/pipes/open-writes.js';

describe('Open writes', () => {
  it('call back once those that were open at the time have completed', () => {
    const writes = new OpenWrites();
    const log: string[] = [];
    writes.count = 2;
    writes.drained((lost) => log.push(`two ${lost}`));
    writes.count++;
    writes.drained((lost) => log.push(`three ${lost}`));
    writes.completed(false);
    expect(log).toEqual([]);
    writes.completed(false);
    expect(log).toEqual(['two false']);
    writes.completed(true);
    expect(log).toEqual(['two false', 'three true']);
  });

  it('call back in a later step if there are none', async () => {
    const writes = new OpenWrites();
    let lost: boolean | undefined;
    const drained = new Promise<void>((resolve) => {
      writes.drained((is) => {
        lost = is;
        resolve();
      });
    });
    expect(lost).toBeUndefined();
    await drained;
    expect(lost).toBeFalse();
  });
});
