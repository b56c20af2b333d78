import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { LIBRARIES, libraryOf } from '../../cli/libraries.js';
import { DIFFERENCES } from '../../cli/migrate/differences.js';
import { inProject } from '../support/project.js';

describe('The libraries that doctor and migrate know', () => {
  const { exports } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));

  it('become entry points of the package, and so do those with listed differences', () => {
    const entries = Object.keys(exports).map((path) => path.replace(/^\./, 'omni-ipc'));
    const named = [...Object.values(LIBRARIES), ...DIFFERENCES].map(({ to }) => to);
    expect([...new Set(named)].filter((to) => !entries.includes(to))).toEqual([]);
  });

  for (const [name, { to, names }] of Object.entries(LIBRARIES)) {
    it(`refer only to exports of ${to}, for ${name}`, () => {
      const declared = sourcesOf(to)
        .map((file) => readFileSync(file, 'utf8'))
        .join('\n');
      const missing = names.filter((one) => !new RegExp(`\\b${one.replace('.', '\\.')}\\b`).test(declared));
      expect(missing).toEqual([]);
    });
  }

  it('are all named in the document about the command', () => {
    const document = readFileSync(inProject('docs', 'command.md'), 'utf8').replaceAll(/\s+/g, ' ');
    const names = Object.keys(LIBRARIES);
    expect(document).toContain(`It finds ${names.slice(0, -1).join(', ')} and ${names.at(-1)}, and prints`);
  });

  it('include every name that the types of net-ipc export', () => {
    const types = readFileSync(inProject('node_modules', 'net-ipc', 'index.d.ts'), 'utf8');
    const exported = [...types.matchAll(/export (?:type|class|const enum) (\w+)/g)].map(([, name]) => name);
    expect(exported).toContain('ClientReadyEvent');
    expect(LIBRARIES['net-ipc']?.names).toEqual(jasmine.arrayContaining(exported));
  });

  it('are distinguished from others whose names begin the same', () => {
    expect(libraryOf('node-ipc-extra')).toBeUndefined();
    expect(libraryOf('my/node-ipc')).toBeUndefined();
    expect(libraryOf('node-ipc/x')).toEqual(jasmine.objectContaining({ name: 'node-ipc', path: 'x' }));
  });
});

/** An entry point, and what is beside it. */
function sourcesOf(entry: string): string[] {
  const [, name] = entry.split('/');
  if (name === undefined) return [inProject('index.ts')];
  const folder = inProject('services', name);
  const files = readdirSync(folder).map((file) => inProject('services', name, file));
  return [...files, inProject('services', `${name}.ts`)].filter(
    (file) => existsSync(file) && file.endsWith('.ts'),
  );
}
