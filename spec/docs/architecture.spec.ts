import { existsSync, readFileSync } from 'node:fs';
import { start } from '../support/processes.js';
import { inProject } from '../support/project.js';

describe('docs/architecture.md', () => {
  it('has a diagram that agrees with the imports of the sources', async () => {
    const program = start(inProject('scripts', 'diagram.js'), ['--check']);
    const { code } = await program.exited;
    expect(code).withContext(program.stderr).toBe(0);
  });

  it('names files and folders that exist', () => {
    const text = readFileSync(inProject('docs', 'architecture.md'), 'utf8');
    const named = [...text.matchAll(/`((?:lib|cli|services|entities|spec)\/[\w./-]*)`/g)].map(
      ([, path = '']) => path,
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(inProject(path)))).toEqual([]);
  });
});
