import { checkFirstBytes } from '../../../lib/framing/first-bytes.js';
import { codeThrown } from '../dialects/decoding.js';

const check = (text: string) => checkFirstBytes(Buffer.from(text, 'latin1'));

describe('The first bytes of a stream', () => {
  it('show the length of a byte order mark', () => {
    expect(['{"type":1}', '\xef\xbb\xbf{"type":1}', '\xef\xbb\xbf'].map(check)).toEqual([0, 3, 3]);
  });

  it('are ambiguous while they could begin a refused protocol', () => {
    for (const text of ['P', 'POST', 'POST ', '\x16', '\xef', '\xef\xbb', 'HTTP']) {
      expect(check(text)).withContext(text).toBe(-1);
    }
  });

  it('name the protocol that is refused', () => {
    for (const [text, name] of [
      ['POST /', 'HTTP request'],
      ['HTTP/1.1 400', 'HTTP server'],
      ['\x16\x03\x01', 'TLS'],
    ] as const) {
      expect(codeThrown(() => check(text))).toBe('ERR_IPC_PROTOCOL');
      expect(() => check(text)).toThrowError(new RegExp(name));
    }
  });
});
