import { preview } from '../../../services/inspect/preview.js';

describe('The preview of a payload', () => {
  it('is its JSON if it is small', () => {
    expect(preview({ a: [1, 'two', null, { b: true }] })).toBe('{"a":[1,"two",null,{"b":true}]}');
    expect(preview(undefined)).toBe('');
    expect(preview(() => {})).toBe('');
    expect(JSON.parse(preview({ n: 7n, d: new Date(0), m: new Map([[1, 2]]), s: new Set(['x']) }))).toEqual({
      n: '7n',
      d: '1970-01-01T00:00:00.000Z',
      m: { 'Map(1)': [[1, 2]] },
      s: { 'Set(1)': ['x'] },
    });
    expect(preview(Buffer.from([1, 255]))).toBe('"2 bytes: 01ff"');
  });

  it('is truncated if it is large, for whatever reason', () => {
    const deep: Record<string, unknown> = {};
    let here = deep;
    for (let depth = 0; depth < 1000; depth++) {
      here.next = {};
      here = here.next as Record<string, unknown>;
    }
    const payloads = [
      deep,
      'x'.repeat(1e6),
      new Array(1e6).fill('entry'),
      Object.fromEntries(Array.from({ length: 1e4 }, (_, index) => [`key${index}`, 'x'.repeat(1000)])),
      Buffer.alloc(1e6),
      Object.create({ inherited: 1 }, { ['k'.repeat(1e5)]: { value: 1, enumerable: true } }),
    ];
    for (const payload of payloads) expect(preview(payload).length).toBeLessThan(2100);
    expect(preview(deep)).toBe('{"next":{"next":{"next":{"next":"…"}}}}');
  });
});
