import { start } from './support/processes.js';
import { inProject } from './support/project.js';

describe('The types', () => {
  it('enforce contracts, and accept programs without one and those for node-ipc', async () => {
    const compiler = start(inProject('node_modules/typescript/lib/tsc.js'), ['-p', inProject('spec/types')]);
    const { code } = await compiler.exited;
    expect(compiler.stdout).toBe('');
    expect(code).toBe(0);
  });
});
