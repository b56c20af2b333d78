import { inspect as inspectOfNode } from 'node:util';
import { inspect } from '../../entities/inspect.js';

describe('inspect', () => {
  it('shows the same as inspect of node:util', () => {
    const value = { a: [new Map([['b', { c: { d: 1 } }]])] };
    expect(inspect(value)).toBe(inspectOfNode(value));
    expect(inspect(value, { depth: 0, colors: true })).toBe(inspectOfNode(value, { depth: 0, colors: true }));
  });
});
