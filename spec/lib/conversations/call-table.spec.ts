import { CallTable } from '../../../lib/conversations/call-table.js';

describe('A table of calls', () => {
  let table: CallTable<{ id: number }>;

  beforeEach(() => {
    table = new CallTable();
  });

  function open(): { id: number } {
    const call = { id: table.next() };
    table.add(call);
    return call;
  }

  it('numbers calls from 1 on, and finds each by its number', () => {
    const calls = Array.from({ length: 10_000 }, open);
    expect(calls.map(({ id }) => id)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
    for (const call of calls) expect(table.get(call.id)).toBe(call);
    expect(table.size).toBe(10_000);
    expect(table.entries()).toEqual(calls);
  });

  it('finds nothing under any other value than the number of an open call', () => {
    const call = open();
    for (const id of [
      0,
      2,
      17,
      1.5,
      -1,
      1 + 2 ** 32,
      2 ** 53,
      Number.NaN,
      '1',
      'x',
      '',
      undefined,
      null,
      {},
    ]) {
      expect(table.get(id as never)).toBeUndefined();
    }
    table.delete(call);
    expect(table.get(1)).toBeUndefined();
  });

  it('assigns growing numbers, although some calls stay open forever', () => {
    const lasting = [open(), open()];
    let last = 2;
    for (let n = 0; n < 5000; n++) {
      const call = open();
      expect(call.id).toBeGreaterThan(last);
      last = call.id;
      table.delete(call);
    }
    for (const call of lasting) expect(table.get(call.id)).toBe(call);
    expect(table.entries()).toEqual(lasting);
  });
});
