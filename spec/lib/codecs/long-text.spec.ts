import fc from 'fast-check';
import type { LongText } from '../../../entities/packet.js';
import { LONG, parseAround, stringifyAround } from '../../../lib/codecs/long-text.js';

const LONG_TEXT = 'aé€\u{1f600}'.repeat(LONG / 4);
const joined = (value: unknown) => stringifyAround(value)?.join('');

describe('A long text', () => {
  it('is a part of its JSON by itself', () => {
    for (const value of [
      LONG_TEXT,
      { text: LONG_TEXT },
      { before: [1, { '"': 2 }], text: LONG_TEXT, after: 'short', gone: undefined },
      Object.assign(Object.create(null), { text: LONG_TEXT }),
      ['x', LONG_TEXT, undefined],
      { text: LONG_TEXT, other: LONG_TEXT },
      `${LONG_TEXT}\n`,
      { text: `"${LONG_TEXT}` },
      { text: `${LONG_TEXT}\\` },
      { text: `${LONG_TEXT}\ud83d` },
      JSON.parse('{"__proto__":0}', (key, value) => (key === '__proto__' ? LONG_TEXT : value)),
    ]) {
      expect(stringifyAround(value)?.[1].text).toContain(LONG_TEXT);
      expect(joined(value)).toBe(JSON.stringify(value));
    }
  });

  it('is escaped a part at a time, for as many as it is sent to', () => {
    for (const odd of ['', '\n', '"', '\\', '\0', '\ud83d', '\ude00']) {
      for (const text of [LONG_TEXT + odd, odd + LONG_TEXT, LONG_TEXT + odd + LONG_TEXT]) {
        const long = stringifyAround(text)?.[1] as LongText;
        const json = Buffer.from(JSON.stringify(text).slice(1, -1));
        for (const size of [1001, 1 << 16, 1 << 20, 1000]) {
          const pieces: Buffer[] = [];
          for (let start = 0; start < long.length; ) {
            let end = Math.min(start + size, long.length);
            if (/[\ud800-\udbff]/.test(text[end - 1] as string)) end++;
            pieces.push(long.bytes(start, end));
            start = end;
          }
          expect(Buffer.concat(pieces).equals(json)).withContext(JSON.stringify(odd)).toBeTrue();
        }
      }
    }
  });

  it('is undefined if it is short or deep inside', () => {
    for (const value of [
      'x'.repeat(LONG - 1),
      { text: 'x'.repeat(LONG - 1) },
      { inner: { text: LONG_TEXT } },
      { [LONG_TEXT]: 1 },
      1,
      null,
      undefined,
      () => LONG_TEXT,
    ]) {
      expect(stringifyAround(value)).toBeUndefined();
    }
  });

  it('is left to JSON.stringify if that would change the value', () => {
    const extra = Object.assign([1], { text: LONG_TEXT });
    for (const value of [
      { text: LONG_TEXT, toJSON: () => 1 },
      new (class Message {
        text = LONG_TEXT;
      })(),
      Object.create({ text: LONG_TEXT }),
      new String(LONG_TEXT),
      extra,
      { text: LONG_TEXT, big: 1n },
      {
        get text() {
          throw new Error('not to be read');
        },
      },
    ]) {
      expect(stringifyAround(value)).toBeUndefined();
    }
    const inherited = Object.prototype as { text?: string };
    inherited.text = LONG_TEXT;
    try {
      expect(stringifyAround({ a: 1 })).toBeUndefined();
    } finally {
      delete inherited.text;
    }
  });

  it('is cut out of the JSON that it is most of', () => {
    for (const value of [
      LONG_TEXT,
      { type: 'x', data: LONG_TEXT },
      { type: 'x', data: { n: 1, text: LONG_TEXT, list: ['"', '\\', {}] }, id: 1 },
      [[['deep', [LONG_TEXT]]]],
      { ['__proto__']: LONG_TEXT },
    ]) {
      expect(parseAround(JSON.stringify(value))).toEqual({ value });
    }
    expect(parseAround(` { "text" : ${JSON.stringify(LONG_TEXT)} } `)).toEqual({
      value: { text: LONG_TEXT },
    });
  });

  it('is left to JSON.parse in case of doubt', () => {
    const long = JSON.stringify(LONG_TEXT);
    for (const json of [
      JSON.stringify({ text: `${LONG_TEXT}\n` }),
      JSON.stringify({ text: `a"${LONG_TEXT}` }),
      JSON.stringify({ text: `${LONG_TEXT}"a` }),
      JSON.stringify({ text: `a\\"${LONG_TEXT}` }),
      JSON.stringify([LONG_TEXT, LONG_TEXT, LONG_TEXT]),
      JSON.stringify([Array(1000).fill(''), LONG_TEXT]),
      JSON.stringify([[[[[[LONG_TEXT]]]]]]),
      `{${long}:1}`,
      `{"a":${long},"a":2}`,
      JSON.stringify(['a', Array(LONG).fill(1), 'b']),
      JSON.stringify(Array(LONG).fill(1)),
      JSON.stringify(Array(LONG).fill('a')),
      `{"text":"${LONG_TEXT}\u0001"}`,
      `{"text":${long}`,
      `{"text":${long}]`,
      `{"text":"${LONG_TEXT}`,
      `${LONG_TEXT}"`,
      LONG_TEXT,
      '',
    ]) {
      expect(parseAround(json)).toBeUndefined();
    }
  });

  it('is written and read as JSON has it, whatever is around', () => {
    const text = fc.constantFrom(LONG_TEXT, 'x'.repeat(LONG), `${LONG_TEXT}\t`, `\\${LONG_TEXT}`);
    const member = fc.oneof({ weight: 3, arbitrary: fc.jsonValue() }, { weight: 1, arbitrary: text });
    fc.assert(
      fc.property(fc.oneof(fc.array(member), fc.dictionary(fc.string(), member)), (value) => {
        const json = JSON.stringify(value);
        expect([undefined, json]).toContain(joined(value));
        const around = parseAround(json);
        if (around !== undefined) expect(JSON.stringify(around.value)).toBe(json);
      }),
      { numRuns: 200 },
    );
  });
});
