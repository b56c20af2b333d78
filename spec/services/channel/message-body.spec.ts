import { decodeBody, encodeBody } from '../../../services/channel/message-body.js';
import { ipcError } from '../../support/errors.js';

describe('The body of a message between members', () => {
  it('is a packet as JSON', () => {
    const packet = { type: 'order', data: [1, 'tea'] };
    expect(encodeBody(packet, 100)).toBe('{"type":"order","data":[1,"tea"]}');
    expect(decodeBody(encodeBody(packet, 100), 1)).toEqual(packet);
  });

  it('is refused if JSON cannot represent it, it nests too deep, or it is too long', () => {
    expect(() => encodeBody({ type: 'x', data: [1n] }, 100)).toThrow(ipcError('ERR_IPC_ENCODE', 'message x'));
    const deep = JSON.parse('['.repeat(500) + ']'.repeat(500));
    expect(() => encodeBody({ type: 'x', data: deep }, 10_000)).toThrow(
      ipcError('ERR_IPC_ENCODE', '500 levels deep'),
    );
    const data = 'x'.repeat(78);
    expect(encodeBody({ type: 'x', data }, 100).length).toBe(100);
    expect(() => encodeBody({ type: 'x', data }, 99)).toThrow(
      ipcError('ERR_IPC_TOO_LARGE', '100 characters as JSON; at most 99 are allowed'),
    );
  });

  it('is refused with an escaped excerpt if a member sends something else', () => {
    for (const body of ['', 'null', '7', '[]', '{"type":7}', '{"\u001b[31m']) {
      expect(() => decodeBody(body, 9))
        .withContext(body)
        .toThrow(ipcError('ERR_IPC_DECODE', `Member 9 sent an invalid message of ${body.length} characters`));
    }
    const long = `\u001b${'x'.repeat(1000)}`;
    expect(() => decodeBody(long, 9)).toThrowMatching(
      ({ message }) => message.length < 300 && !message.includes('\u001b'),
    );
  });
});
