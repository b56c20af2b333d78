import { candidateNumbers } from '../../../services/channel/candidate-numbers.js';

describe('The numbers that a member tries', () => {
  const remembered = new Map([
    [2, 'billing'],
    [5, 'shop'],
    [1, 'shop'],
  ]);

  function first(count: number, name?: string): number[] {
    const numbers = candidateNumbers(remembered, name);
    return Array.from({ length: count }, () => numbers.next().value as number);
  }

  it('start with those that are remembered for its name, in their order', () => {
    expect(first(4, 'shop')).toEqual([5, 1, 3, 4]);
  });

  it('do not include numbers that are remembered for another name', () => {
    for (const name of [undefined, 'new']) expect(first(4, name)).toEqual([3, 4, 6, 7]);
  });
});
