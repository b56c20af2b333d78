import { BOUNDS } from '../../../entities/config/bounds.js';
import { itRefuses } from '../../support/settings.js';

describe('The bounds of a config', () => {
  itRefuses(BOUNDS, {
    maxConnections: [-1, '100', Number.NaN, false],
    maxMessageSize: [0, '1', Number.NaN],
    maxDepth: [0, 1.5, '1', 2001, Number.NaN],
    maxEventNameLength: [0, 4097, 1.5, '5'],
    maxPendingBytes: [0, '1', Number.NaN],
    maxTotalBytes: [0, '1', Number.NaN],
    admissionLimit: [0, -1, '100', Number.NaN],
    messageTimeout: [-1, 2 ** 31, '1', Number.NaN, Number.POSITIVE_INFINITY],
    handshakeTimeout: [-1, 2 ** 31, '1', Number.NaN],
    requestTimeout: [-1, 2 ** 31, '1', Number.NaN],
  });
});
