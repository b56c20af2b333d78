import { messageName } from '../../../services/channel/events.js';
import { ipcError } from '../../support/errors.js';

describe("The names of a channel's messages", () => {
  it('are any that neither the channel nor the engine has itself', () => {
    expect(['message', 'order', 'Connect'].map(messageName)).toEqual(['message', 'order', 'Connect']);
    for (const name of [
      'connect',
      'disconnect',
      'error',
      'join',
      'leave',
      'hub',
      'undelivered',
      '*',
      'ipc:x',
    ]) {
      expect(() => messageName(name))
        .withContext(name)
        .toThrow(ipcError('ERR_IPC_ARGUMENT'));
    }
  });
});
