import { isOwnEvent, messageName, ownEventReceived } from '../../../services/channel/events.js';
import { ipcError } from '../../support/errors.js';

describe("The names of a channel's messages", () => {
  it('may be any that neither the channel nor the engine uses itself', () => {
    expect(['message', 'order', 'Connect'].map((name) => messageName(name, []))).toEqual([
      'message',
      'order',
      'Connect',
    ]);
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
      expect(() => messageName(name, []))
        .withContext(name)
        .toThrow(ipcError('ERR_IPC_ARGUMENT'));
    }
  });

  it('come with at most 1000 values', () => {
    expect(messageName('order', new Array(1000).fill(0))).toBe('order');
    expect(() => messageName('order', new Array(1001).fill(0))).toThrow(
      ipcError('ERR_IPC_ARGUMENT', 'has 1001 values; at most 1000 are allowed. Send them as one array'),
    );
  });

  it('are checked if they are received, too', () => {
    expect(['order', 'message', '__proto__'].map(isOwnEvent)).toEqual([false, false, false]);
    expect(['error', '*', 'leave', 'ipc:x'].map(isOwnEvent)).toEqual([true, true, true, true]);
    expect(ownEventReceived('ipc:a\nb', 3)).toEqual(
      ipcError('ERR_IPC_RESERVED', 'Member 3 sent "ipc:a\\u000ab"'),
    );
  });
});
