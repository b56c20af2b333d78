import { readFileSync } from 'node:fs';
import { inProject } from '../support/project.js';

describe('docs/errors.md', () => {
  it('has a heading with cause, example and remedy for each error code, and no other heading', () => {
    const source = readFileSync(inProject('entities', 'errors.ts'), 'utf8');
    const codes = new Set([...source.matchAll(/'(ERR_IPC_\w+)'/g)].map(([, code]) => code));
    const [, ...sections] = readFileSync(inProject('docs', 'errors.md'), 'utf8').split(/^## /m);
    expect(sections.map((section) => section.split('\n')[0]).sort()).toEqual([...codes].sort());
    const parts = ['Cause', 'Example', 'Remedy'];
    expect(sections.filter((section) => parts.some((part) => !section.includes(`**${part}:**`)))).toEqual([]);
  });
});
