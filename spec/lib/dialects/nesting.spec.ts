import { nestsTooDeep } from '../../../lib/dialects/nesting.js';

describe('A JSON text', () => {
  const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);

  it('may nest a thousand deep', () => {
    expect(nestsTooDeep(nested(1000))).toBeFalse();
    expect(nestsTooDeep(nested(1000, '{"a":', '}').replace(':}', ':0}'))).toBeFalse();
  });

  it('nests too deep from then on', () => {
    expect(nestsTooDeep(nested(1001))).toBeTrue();
    expect(nestsTooDeep(nested(1001, '{"a":', '}'))).toBeTrue();
    expect(nestsTooDeep(nested(501, '[{"a":', '}]'))).toBeTrue();
  });

  it('may hold any number of arrays and objects beside each other', () => {
    expect(nestsTooDeep(JSON.stringify(Array.from({ length: 5000 }, (_, i) => ({ i, list: [i] }))))).toBeFalse();
  });

  it('may hold any brackets in its strings, short and long, with quotes and backslashes', () => {
    const strings = ['[{', '"[{', '\\', '\\"', '\\\\"{', 'x'.repeat(100), `${'x'.repeat(70)}"\\"[`, '\\'.repeat(99)];
    expect(nestsTooDeep(JSON.stringify(Array.from({ length: 3000 }, () => strings)))).toBeFalse();
  });

  it('hides its depth behind no bracket in a string', () => {
    for (const string of [']', '}}', `"${']'.repeat(2000)}`, `${'x'.repeat(63)}\\"]`, `${'x'.repeat(64)}\\`]) {
      expect(nestsTooDeep(nested(1001, `[${JSON.stringify(string)},`))).toBeTrue();
    }
  });

  it('that is cut off within a string is looked at to its end', () => {
    expect(nestsTooDeep(`${nested(1500, '[', '').slice(0, 900)}"${'['.repeat(2000)}`)).toBeFalse();
  });
});
