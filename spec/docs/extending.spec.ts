import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterwards } from '../support/afterwards.js';
import { blocksOf } from '../support/documents.js';
import { freshDirectory } from '../support/places.js';
import { Program, withoutCoverage } from '../support/processes.js';
import { inProject } from '../support/project.js';

const PAGE = 'docs/extending.md';
const blocks = blocksOf(PAGE);

describe('docs/extending.md', () => {
  it('has a transport, a codec, an adapter and a command that compile and run in a copy of the sources', async () => {
    const folder = freshDirectory();
    layOut(folder);
    await succeeds(folder, [inProject('node_modules', 'typescript', 'lib', 'tsc.js'), '-p', folder]);
    const programs = blocks.flatMap(({ text }) => text.match(/^\/\/ (try-\w+)\.ts\n/)?.[1] ?? []);
    expect(programs).toEqual(['try-transport', 'try-codec', 'try-adapter', 'try-command']);
    await Promise.all(
      programs.map(async (name) => {
        const place = freshDirectory();
        const printed = await succeeds(folder, [join(folder, 'out', `${name}.js`), place]);
        expect(printed)
          .withContext(name)
          .toBe(`${promised(name)}\n`);
      }),
    );
  });
});

/** Copies the sources, with the page's files in them and its changes made. */
function layOut(folder: string): void {
  for (const name of ['index.ts', 'entities', 'lib', 'services', 'cli']) {
    cpSync(inProject(name), join(folder, name), { recursive: true });
  }
  symlinkSync(inProject('node_modules'), join(folder, 'node_modules'), 'junction');
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, type: 'module', version: '0.0.0' }),
  );
  const { compilerOptions } = JSON.parse(readFileSync(inProject('tsconfig.json'), 'utf8'));
  Object.assign(compilerOptions, {
    sourceMap: false,
    inlineSources: false,
    types: ['node'],
    outDir: 'out',
    noEmitOnError: true,
  });
  const include = ['index.ts', 'entities', 'lib', 'services', 'cli', 'try-*.ts'];
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include, exclude: ['cli/web/page'] }),
  );
  for (const { language, text } of blocks) {
    const [, name] = text.match(/^\/\/ (\S+\.ts)\n/) ?? [];
    if (name === undefined) continue;
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, language === 'diff' ? changed(readFileSync(file, 'utf8'), text) : text);
  }
}

/** A file with the lines added that a difference has, each behind the line above it. */
function changed(source: string, difference: string): string {
  let result = source;
  let above = '';
  for (const line of difference.split('\n').slice(1)) {
    if (line.startsWith('+')) {
      expect(result.split(`${above}\n`).length)
        .withContext(`${above} in ${difference}`)
        .toBe(2);
      result = result.replace(`${above}\n`, (found) => `${found}${line.slice(1)}\n`);
    }
    above = line.slice(1);
  }
  return result;
}

/** What a program's `console.log(...); // ` promises. */
function promised(name: string): string {
  const text = blocks.find((block) => block.text.startsWith(`// ${name}.ts\n`))?.text ?? '';
  return text.match(/\bconsole\.log\(.*\); \/\/ (.+)$/m)?.[1] ?? '';
}

async function succeeds(folder: string, args: string[]): Promise<string> {
  const program = new Program(process.execPath, args, { cwd: folder, env: withoutCoverage() });
  afterwards(() => program.kill());
  const { code } = await program.exited;
  expect(code)
    .withContext(program.stdout + program.stderr)
    .toBe(0);
  return program.stdout;
}
