import { isOwnEvent, messageName, ownEventReceived } from '../../../services/channel/events.js';
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

  it('are checked where they are received, too', () => {
    expect(['order', 'message', '__proto__'].map(isOwnEvent)).toEqual([false, false, false]);
    expect(['error', '*', 'leave', 'ipc:x'].map(isOwnEvent)).toEqual([true, true, true, true]);
    expect(ownEventReceived('ipc:a\nb', 3)).toEqual(
      ipcError('ERR_IPC_RESERVED', 'Member 3 sent "ipc:a\\u000ab"'),
    );
  });
});
