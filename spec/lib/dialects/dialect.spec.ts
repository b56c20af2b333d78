import { isControl } from '../../../entities/packet.js';
import { DIALECT, tooLarge, UPGRADE } from '../../../lib/dialects/dialect.js';

describe('A dialect', () => {
  it('says how long a frame may be, and what to do', () => {
    const error = tooLarge({ maxMessageSize: 1000 });
    expect(error.code).toBe('ERR_IPC_TOO_LARGE');
    expect(error.message).toContain('longer than 1000 bytes');
    expect(error.message).toContain('config.maxMessageSize');
  });

  it('tells its connection things under names that no event can have', () => {
    expect([DIALECT, UPGRADE].every(isControl)).toBeTrue();
  });
});
