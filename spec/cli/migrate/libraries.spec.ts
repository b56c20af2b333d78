import { readFileSync } from 'node:fs';
import { DIFFERENCES } from '../../../cli/migrate/differences.js';
import { LIBRARIES, libraryOf } from '../../../cli/migrate/libraries.js';
import { inProject } from '../../support/project.js';

describe('The libraries that migrate knows', () => {
  const { exports } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));

  it('become entry points of the package, and so do those that the differences are about', () => {
    const entries = Object.keys(exports).map((path) => path.replace(/^\./, 'omni-ipc'));
    const named = [...Object.values(LIBRARIES), ...DIFFERENCES].map(({ to }) => to);
    expect([...new Set(named)].filter((to) => !entries.includes(to))).toEqual([]);
  });

  for (const [name, { to, names }] of Object.entries(LIBRARIES)) {
    it(`name only what ${to} exports, for ${name}`, () => {
      const entry = exports[to.replace('omni-ipc', '.')];
      const types = String(entry.types ?? entry.require?.types ?? entry.import?.types);
      const declared = readFileSync(inProject(types), 'utf8');
      const missing = names.filter((one) => !new RegExp(`\\b${one.replace('.', '\\.')}\\b`).test(declared));
      expect(missing).toEqual([]);
    });
  }

  it('are told from others whose names begin alike', () => {
    expect(libraryOf('node-ipc-extra')).toBeUndefined();
    expect(libraryOf('my/node-ipc')).toBeUndefined();
    expect(libraryOf('node-ipc/x')).toEqual(jasmine.objectContaining({ name: 'node-ipc', path: 'x' }));
  });
});
