import { tooLarge } from '../../entities/limits.js';

describe('The limit of a message', () => {
  it('names its size and the setting that raises it', () => {
    const error = tooLarge({ maxMessageSize: 1000, maxDepth: 500 });
    expect(error.code).toBe('ERR_IPC_TOO_LARGE');
    expect(error.message).toContain('longer than 1000 bytes');
    expect(error.message).toContain('config.maxMessageSize');
  });
});
