import { nestsTooDeep } from '../../../lib/dialects/nesting.js';
import { weigh } from '../../../lib/dialects/weight.js';

describe('A JSON text', () => {
  const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

  it('may nest five hundred deep', () => {
    expect(nestsTooDeep(nested(500))).toBeFalse();
    expect(nestsTooDeep(nested(500, '{"a":', '}').replace(':}', ':0}'))).toBeFalse();
  });

  it('nests too deep from then on', () => {
    expect(nestsTooDeep(nested(501))).toBeTrue();
    expect(nestsTooDeep(nested(501, '{"a":', '}'))).toBeTrue();
    expect(nestsTooDeep(nested(251, '[{"a":', '}]'))).toBeTrue();
  });

  it('may hold any number of arrays and objects beside each other', () => {
    expect(
      nestsTooDeep(JSON.stringify(Array.from({ length: 5000 }, (_, i) => ({ i, list: [i] })))),
    ).toBeFalse();
  });

  it('may hold any brackets in its strings, short and long, with quotes and backslashes', () => {
    const strings = [
      '[{',
      '"[{',
      '\\',
      '\\"',
      '\\\\"{',
      'x'.repeat(100),
      `${'x'.repeat(70)}"\\"[`,
      '\\'.repeat(99),
    ];
    expect(nestsTooDeep(JSON.stringify(Array.from({ length: 3000 }, () => strings)))).toBeFalse();
  });

  it('hides its depth behind no bracket in a string', () => {
    for (const string of [
      ']',
      '}}',
      `"${']'.repeat(2000)}`,
      `${'x'.repeat(63)}\\"]`,
      `${'x'.repeat(64)}\\`,
    ]) {
      expect(nestsTooDeep(nested(501, `[${JSON.stringify(string)},`))).toBeTrue();
    }
  });

  it('that is cut off within a string is looked at to its end', () => {
    expect(nestsTooDeep(`${nested(1500, '[', '').slice(0, 400)}"${'['.repeat(2000)}`)).toBeFalse();
  });
});

describe('A msgpack body', () => {
  const nested = (depth: number, token: number) => {
    const bytes = Buffer.alloc(depth + 1, token);
    bytes[depth] = 0xc0;
    return weigh(bytes, 0, bytes.length);
  };

  it('may nest five hundred deep, and no deeper', () => {
    expect(nested(500, 0x91)).toBeGreaterThan(0);
    expect(nested(501, 0x91)).toBe(-1);
  });

  it('may hold any number of arrays beside each other', () => {
    const body = Buffer.concat([Buffer.of(0xdc, 0x10, 0x00), Buffer.alloc(4096, 0x90)]);
    expect(weigh(body, 0, body.length)).toBeGreaterThan(0);
  });

  it('is whole where containers of several values are within each other', () => {
    const body = Buffer.of(0x93, 0x92, 0x01, 0x91, 0x02, 0x90, 0x82, 0x01, 0x92, 0x03, 0x04, 0x05, 0xc0);
    expect(weigh(body, 0, body.length)).toBeGreaterThan(0);
    expect(weigh(body, 0, body.length - 1)).toBe(-1);
  });
});
