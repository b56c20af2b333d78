import { normalize } from 'node:path';
import { deal, specFiles } from './spec-files.js';

const files = Array.from({ length: 100 }, (_, index) => `${index}.spec.js`);

describe('Spec files', () => {
  it('are selected by parts of their paths, and fixtures only by their complete path', () => {
    expect(specFiles(['support/spec-files', 'spec/support/fixtures/careless.spec.ts'])).toEqual(
      ['spec/support/fixtures/careless.spec.js', 'spec/support/spec-files.spec.js'].map(normalize),
    );
    expect(specFiles([]).filter((file) => file.includes('fixtures'))).toEqual([]);
  });

  it('are divided into processes of about the same size, each file into one', () => {
    const hands = deal(files, 1);
    expect(hands.flat().sort()).toEqual([...files].sort());
    expect(hands.map(({ length }) => length)).toEqual([20, 20, 20, 20, 20]);
  });

  it('are divided in the same way for the same seed, and in another way for another one', () => {
    expect(deal(files, 7)).toEqual(deal(files, 7));
    expect(deal(files, 7)).not.toEqual(deal(files, 8));
  });

  it('need one process if they are few, and none if there is no file', () => {
    expect(deal(files.slice(0, 24), 1).length).toBe(1);
    expect(deal([], 1)).toEqual([]);
  });
});
