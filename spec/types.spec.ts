import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshDirectory } from './support/places.js';
import { start } from './support/processes.js';
import { inProject, projectRoot } from './support/project.js';

/** The names that the examples in docstrings use without an import. */
const GLOBALS = `
import type { Client, Server } from 'omni-ipc';
import type { Channel as ChannelClass } from 'omni-ipc/channel';
declare global {
  const ipc: typeof import('omni-ipc').default;
  const remote: typeof import('omni-ipc').remote;
  const Channel: typeof import('omni-ipc/channel').Channel;
  const Worker: typeof import('node:worker_threads').Worker;
  const client: Client;
  const server: Server;
  const channel: ChannelClass;
  const currentTraceParent: () => string;
  const runInContextOf: <Result>(parent: unknown, run: () => Result) => Result;
}
`;

/** Returns the code of each `@example` in the docstrings of the sources, with its file. */
function examples(): { file: string; code: string }[] {
  const files = ['lib', 'services', 'entities'].flatMap((folder) =>
    readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  return files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(inProject(file), 'utf8').matchAll(/^ *\* @example\n((?: *\*(?! @|\/).*\n)+)/gm)].map(
        ([, text = '']) => ({ file, code: text.replace(/^ *\* ?/gm, '') }),
      ),
    );
}

async function compiles(folder: string): Promise<void> {
  const compiler = start(inProject('node_modules/typescript/lib/tsc.js'), ['-p', folder]);
  const { code } = await compiler.exited;
  expect(compiler.stdout).toBe('');
  expect(code).toBe(0);
}

describe('The types', () => {
  it('enforce contracts, and accept programs without one and those for node-ipc', async () => {
    await compiles(inProject('spec/types'));
  });

  it('accept the examples in docstrings', async () => {
    const folder = freshDirectory();
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(projectRoot, join(folder, 'node_modules', 'omni-ipc'), 'junction');
    const { compilerOptions } = JSON.parse(readFileSync(inProject('spec/types/tsconfig.json'), 'utf8'));
    const typeRoots = [inProject('node_modules/@types')];
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { ...compilerOptions, typeRoots, skipLibCheck: true },
        include: ['.'],
      }),
    );
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'globals.ts'), GLOBALS);
    const found = examples();
    for (const [index, { file, code }] of found.entries())
      writeFileSync(join(folder, `example-${index}.ts`), `// ${file}\n${code}export {};\n`);
    expect(found.length).toBeGreaterThan(60);
    await compiles(folder);
  });
});
