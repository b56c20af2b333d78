import { readFileSync } from 'node:fs';
import { inProject } from '../support/project.js';
import { data, entries, files, needing } from './entries.js';

describe('The programs that are run with every tool', () => {
  const exported: Record<string, string | object> = JSON.parse(
    readFileSync(inProject('package.json'), 'utf8'),
  ).exports;

  it('load every entry point of the package', () => {
    const ofKind = (kind: string) => Object.keys(exported).filter((entry) => typeof exported[entry] === kind);
    expect([...Object.keys(entries), ...needing].sort()).toEqual(ofKind('object').sort());
    expect([...data].sort()).toEqual(ofKind('string').sort());
  });

  it('import and require each one', () => {
    for (const entry of Object.keys(entries)) {
      const specifier = `'omni-ipc${entry.slice(1)}'`;
      expect(files['load.mjs']).toMatch(new RegExp(`(from|import) ${specifier};`));
      expect(files['load.cjs']).toContain(`require(${specifier})`);
    }
  });
});
