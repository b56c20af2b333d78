import { BACKPLANE } from '../../../entities/config/backplane.js';

describe('config.backplane', () => {
  it('may be true, false, or options', () => {
    const { check } = BACKPLANE.backplane;
    expect([true, false, {}, { nats: {} }].every(check)).toBeTrue();
    expect([null, 'yes', 1].some(check)).toBeFalse();
  });
});
