import { LineReader } from '../../../services/channel/line-reader.js';

describe('LineReader', () => {
  it('returns complete lines, however the bytes are cut', () => {
    const text = ['{"a":"ü"}', '7', '{"b":"\u{1f600}"}', '', 'last'].map((line) => `${line}\n`).join('');
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const reader = new LineReader(100);
      let read = '';
      for (let at = 0; at < bytes.length; at += size) {
        const lines = reader.push(bytes.subarray(at, at + size));
        expect(lines === '' || lines?.endsWith('\n')).toBeTrue();
        read += lines;
      }
      expect(read).toBe(text);
    }
  });

  it('fails on a line that is too long', () => {
    const reader = new LineReader(10);
    expect(reader.push(Buffer.from('123456'))).toBe('');
    expect(reader.push(Buffer.from('78901'))).toBeUndefined();
  });
});
