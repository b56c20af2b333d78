import { forgetLosses } from '../../../lib/codecs/lost-values.js';
import { decodeBody, encodeBody } from '../../../services/channel/message-body.js';
import { ipcError } from '../../support/errors.js';
import { warningsOf } from '../../support/warnings.js';

describe('The body of a message between members', () => {
  it('is a packet as JSON', () => {
    const packet = { type: 'order', data: [1, 'tea'] };
    expect(encodeBody(packet, 100)).toBe('{"type":"order","data":[1,"tea"]}');
    expect(decodeBody(encodeBody(packet, 100), 1)).toEqual(packet);
  });

  it('warns once of values that JSON does not represent', async () => {
    forgetLosses();
    const warnings = await warningsOf(() => {
      for (let i = 0; i < 2; i++) encodeBody({ type: 'x', data: [new Map(), () => {}] }, 100);
      encodeBody({ type: 'ipc:message', data: { topic: 'news', data: new Set() } }, 100);
    });
    expect(warnings).toEqual([
      ipcError(
        'ERR_IPC_ENCODE',
        'The data of x have a Map in 0, which JSON sends as {}; send Object.fromEntries(map) or [...map].',
      ),
      ipcError('ERR_IPC_ENCODE', 'The data of x have a function in 1, which JSON sends as null'),
      ipcError('ERR_IPC_ENCODE', 'The data of news have a Set, which JSON sends as {}; send [...set].'),
    ]);
  });

  it('is refused if JSON cannot represent it, it nests too deep, or it is too long', () => {
    expect(() => encodeBody({ type: 'x', data: [1n] }, 100)).toThrow(ipcError('ERR_IPC_ENCODE', 'message x'));
    const deep = JSON.parse('['.repeat(500) + ']'.repeat(500));
    expect(() => encodeBody({ type: 'x', data: deep }, 10_000)).toThrow(
      ipcError('ERR_IPC_TOO_DEEP', '500 levels deep'),
    );
    const data = 'x'.repeat(78);
    expect(encodeBody({ type: 'x', data }, 100).length).toBe(100);
    expect(() => encodeBody({ type: 'x', data }, 99)).toThrow(
      ipcError('ERR_IPC_TOO_LARGE', '100 characters as JSON; at most 99 are allowed'),
    );
  });

  it('is refused without showing it if a member sends something else', () => {
    for (const body of ['', 'null', '7', '[]', '{"type":7}', '{"\u001b[31m']) {
      expect(() => decodeBody(body, 9))
        .withContext(body)
        .toThrow(ipcError('ERR_IPC_DECODE', `Member 9 sent an invalid message of ${body.length} characters`));
    }
    const secret = '{"type":"login","data":["password"';
    expect(() => decodeBody(secret, 9)).toThrowMatching(({ message }) => !message.includes('password'));
  });
});
