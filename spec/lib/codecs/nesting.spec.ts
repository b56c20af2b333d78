import { estimatedSize } from '../../../lib/codecs/estimated-size.js';
import { nestsTooDeep } from '../../../lib/codecs/nesting.js';

describe('A value that was read from JSON', () => {
  const nested = (depth: number, open = '[', close = ']') => open.repeat(depth) + close.repeat(depth);
  const isTooDeep = (json: string) => nestsTooDeep(JSON.parse(json), json);

  it('may nest five hundred deep', () => {
    expect(isTooDeep(nested(500))).toBeFalse();
    expect(isTooDeep(nested(500, '{"a":', '}').replace(':}', ':0}'))).toBeFalse();
  });

  it('nests too deep from then on', () => {
    expect(isTooDeep(nested(501))).toBeTrue();
    expect(isTooDeep(nested(501, '{"a":', '}').replace(':}', ':{}}'))).toBeTrue();
    expect(isTooDeep(nested(251, '[{"a":', '}]').replace(':}', ':0}'))).toBeTrue();
    expect(isTooDeep(nested(501, '{"__proto__":', '}').replace(':}', ':{}}'))).toBeTrue();
    expect(isTooDeep(nested(100_000))).toBeTrue();
  });

  it('does so wherever in a long text', () => {
    const long = JSON.stringify('x'.repeat(100_000));
    expect(isTooDeep(`[${long},${nested(500)}]`)).toBeTrue();
    expect(isTooDeep(`{"a":[1,{"b":${nested(498)}}],"c":${long}}`)).toBeTrue();
    expect(isTooDeep(`{"a":[1,{"b":${nested(497)}}],"c":${long}}`)).toBeFalse();
  });

  it('may hold any number of arrays and objects beside each other', () => {
    expect(isTooDeep(JSON.stringify(Array.from({ length: 5000 }, (_, i) => ({ i, list: [i] }))))).toBeFalse();
  });

  it('may be of any length', () => {
    expect(isTooDeep(JSON.stringify('['.repeat(100_000)))).toBeFalse();
    expect(isTooDeep(JSON.stringify(['x'.repeat(100_000), 1, null]))).toBeFalse();
  });
});

describe('A msgpack body', () => {
  const nested = (depth: number, token: number) => {
    const bytes = Buffer.alloc(depth + 1, token);
    bytes[depth] = 0xc0;
    return estimatedSize(bytes, 0, bytes.length, 500);
  };

  it('may nest five hundred deep, and no deeper', () => {
    expect(nested(500, 0x91)).toBeGreaterThan(0);
    expect(nested(501, 0x91)).toBe(-2);
  });

  it('may hold any number of arrays beside each other', () => {
    const body = Buffer.concat([Buffer.of(0xdc, 0x10, 0x00), Buffer.alloc(4096, 0x90)]);
    expect(estimatedSize(body, 0, body.length, 500)).toBeGreaterThan(0);
  });

  it('is whole where containers of several values are within each other', () => {
    const body = Buffer.of(0x93, 0x92, 0x01, 0x91, 0x02, 0x90, 0x82, 0x01, 0x92, 0x03, 0x04, 0x05, 0xc0);
    expect(estimatedSize(body, 0, body.length, 500)).toBeGreaterThan(0);
    expect(estimatedSize(body, 0, body.length - 1, 500)).toBe(-1);
  });
});
