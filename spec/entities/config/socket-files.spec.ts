import { SOCKET_FILES } from '../../../entities/config/socket-files.js';
import { itRefuses } from '../../support/settings.js';

describe('The socket files of a config', () => {
  itRefuses(SOCKET_FILES, {
    readableAll: [1, 'true', undefined],
    writableAll: [0, undefined],
    mode: [-1, 0o1000, 1.5, '888', '66', 'rw', null, true],
    group: ['', -1, 1.5, null, true],
    unlink: ['true', 1, undefined],
    sameUser: [1],
    exclusive: [1],
  });
});
