import { Snapshot } from '../../lib/snapshot.js';
import { ipcError } from '../support/errors.js';

class Point {
  x = 1;
  readonly #y = 2;

  get y(): number {
    return this.#y;
  }
}

class Money {
  readonly #cents = 5;

  toJSON(): string {
    return `${this.#cents} cents`;
  }
}

describe('A snapshot', () => {
  const copy = (value: unknown) => new Snapshot(value).value;

  it('does not change when the value does', () => {
    const value = { list: [1, { a: 'ä' }], nothing: null, none: undefined };
    const snapshot = new Snapshot(value);
    const before = structuredClone(value);
    value.list.push(2);
    expect(snapshot.value).toEqual(before);
    expect(snapshot.value).not.toBe(snapshot.value);
    expect(copy('text')).toBe('text');
    expect(copy(undefined)).toBeUndefined();
  });

  it('keeps objects that a codec may encode by more than their properties', () => {
    const known = {
      buffer: Buffer.from([0, 255]),
      floats: new Float64Array([1.5]),
      date: new Date(5),
      map: new Map([['a', new Set([1])]]),
      pattern: /a/g,
      big: 2n ** 70n,
      zero: -0,
    };
    expect(copy(known)).toEqual(known);
    expect((copy(new RangeError('far')) as Error).message).toBe('far');
  });

  it('has the toJSON of an instance, or else its properties', () => {
    const url = new URL('http://localhost/a');
    expect(copy({ url, money: [new Money()] })).toEqual({ url: url.href, money: ['5 cents'] });
    expect(copy(new Point())).toEqual({ x: 1 });
    expect(copy({ x: 1, toJSON: () => ({ y: 2, toJSON: () => 3 }) })).toEqual({ y: 2, toJSON: undefined });
  });

  it('has the primitive values of objects that wrap them', () => {
    const boxes = { five: Object(5), text: Object('ä'), no: Object(false), big: Object(2n ** 70n) };
    expect(copy(boxes)).toEqual({ five: 5, text: 'ä', no: false, big: 2n ** 70n });
  });

  it('keeps a property named __proto__ as a property, without the members that no codec sends', () => {
    const read = copy({ ...JSON.parse('{"__proto__":{"a":1}}'), act() {} }) as object;
    const plain = copy(
      Object.assign(JSON.parse('{"__proto__":{"a":1},"money":0}'), { money: new Money() }),
    ) as object;
    for (const one of [read, plain]) expect(Object.getPrototypeOf(one)).toBe(Object.prototype);
    expect(JSON.stringify(read)).toBe('{"__proto__":{"a":1}}');
    expect(JSON.stringify(plain)).toBe('{"__proto__":{"a":1},"money":"5 cents"}');
  });

  it('leaves out values that no codec sends', () => {
    expect(JSON.stringify(copy({ act() {}, sign: Symbol('s'), list: [() => 1, 2] }))).toBe(
      '{"list":[null,2]}',
    );
  });

  it('reports why it cannot be taken', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const value of [circle, new Map([['act', () => 1]])]) {
      expect(() => new Snapshot(value)).toThrow(ipcError('ERR_IPC_ENCODE', 'The payload cannot be sent: '));
    }
  });
});
