import { isControl } from '../../../entities/packet.js';
import { DIALECT, UPGRADE } from '../../../lib/dialects/dialect.js';

describe('A dialect', () => {
  it('tells its connection things under names that no event can have', () => {
    expect([DIALECT, UPGRADE].every(isControl)).toBeTrue();
  });
});
