import { counted, cutText, escapeText } from '../../entities/text.js';

describe('A text that a peer chose', () => {
  it('is unchanged if it is short and harmless', () => {
    for (const text of ['name', 'größer als €, \u{1f600}', '']) expect(escapeText(text)).toBe(text);
  });

  it('is shown without line breaks, escape sequences, and characters that cannot be seen', () => {
    expect(escapeText('a\r\nb\u001b[2Jc\u0085d\u2028e\u202ef\u200bg\u007fh')).toBe(
      'a\\u000d\\u000ab\\u001b[2Jc\\u0085d\\u2028e\\u202ef\\u200bg\\u007fh',
    );
    expect(escapeText('\ud83d')).toBe('\\ud83d');
    expect(escapeText('tag \u{e0041}')).toBe('tag \\u{e0041}');
  });

  it('is cut off if it is long, and says how long it was', () => {
    expect(escapeText('x'.repeat(100))).toBe('x'.repeat(100));
    expect(escapeText('x'.repeat(1_000_000))).toBe(`${'x'.repeat(100)}... (1000000 characters)`);
    expect(escapeText('abcdef', 3)).toBe('abc... (6 characters)');
    expect([cutText('abcdef', 6), cutText('a\ncdef', 3)]).toEqual(['abcdef', 'a\nc... (6 characters)']);
  });
});

describe('A number of things', () => {
  it('has a plural unless it is one', () => {
    expect([counted(0, 'byte'), counted(1, 'byte'), counted(2, 'byte')]).toEqual([
      '0 bytes',
      '1 byte',
      '2 bytes',
    ]);
  });
});
