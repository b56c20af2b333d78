import { TRUST } from '../../../entities/config/trust.js';
import { itRefuses } from '../../support/settings.js';

describe('The trust of a config', () => {
  itRefuses(TRUST, {
    credentials: [],
    authorize: [true, 'yes', null],
    allowedEvents: [true, 'a', [5], [''], new Set([5]), {}],
    allowReservedEvents: [1],
    identifyPeer: [1],
  });
});
