import { ADDRESSES } from '../../../entities/config/addresses.js';
import { itRefuses } from '../../support/settings.js';

describe('The addresses of a config', () => {
  itRefuses(ADDRESSES, {
    appspace: [1, null, undefined],
    socketRoot: [1, false],
    id: ['', 1, undefined],
    networkHost: ['', 1],
    networkPort: ['8000', -1, 65_536, 1.5, Number.NaN, undefined],
  });
});
