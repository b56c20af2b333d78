import { checkKeys, closest, distance } from '../../entities/suggest.js';
import { ipcError } from '../support/errors.js';

describe('A suggestion', () => {
  it('counts insertions, removals, replacements and swaps', () => {
    expect(distance('', 'abc')).toBe(3);
    expect(distance('kitten', 'sitting')).toBe(3);
    expect(distance('timeOut', 'timeout')).toBe(1);
    expect(distance('inptu', 'input')).toBe(1);
  });

  it('is the closest name regardless of case, or one that ends in the word', () => {
    const known = ['maxRetries', 'silent', 'retry', 'networkHost', 'id'];
    expect(closest('maxRetires', known)).toBe('maxRetries');
    expect(closest('Silent', known)).toBe('silent');
    expect(closest('host', known)).toBe('networkHost');
    expect(closest('pigeons', known)).toBeUndefined();
    expect(closest('x'.repeat(100_000), known)).toBeUndefined();
  });

  it('is part of the error, or the list of names if none is close', () => {
    const rule = { code: 'ERR_IPC_ARGUMENT', known: ['timeout', 'signal'], owner: 'request(...)' } as const;
    expect(() => checkKeys({ timeout: 1 }, rule)).not.toThrow();
    expect(() => checkKeys({ timeOut: 1 }, rule)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', /did you mean timeout\?/),
    );
    expect(() => checkKeys({ pigeons: 1 }, rule)).toThrow(
      ipcError('ERR_IPC_ARGUMENT', /does not know pigeons; it knows timeout, signal\./),
    );
    expect(() => checkKeys({ 'a\x1b[2J': 1 }, rule)).toThrow(ipcError('ERR_IPC_ARGUMENT', /know 'a\\x1B/));
  });
});
