import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defaults } from '../entities/config.js';
import { afterwards } from './support/afterwards.js';
import { freshCertificates } from './support/certificates.js';
import { blocksOf, documents, layOut, type Section, type Source, sectionsOf } from './support/documents.js';
import { freePort } from './support/network.js';
import { freshDirectory } from './support/places.js';
import { Program, start, withoutCoverage } from './support/processes.js';
import { inProject } from './support/project.js';

describe('The documents', () => {
  for (const section of documents().flatMap(sectionsOf)) {
    const language = isTyped(section) ? 'TypeScript programs' : 'programs';
    it(`contain ${language} that run: ${section.title}`, () => {
      if (process.platform === 'win32') skipUnixPrograms(section);
      return run(section);
    });
  }

  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
    const known = ['ci', 'install', ...Object.keys(scripts)];
    const named = documents()
      .flatMap(blocksOf)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => [...text.matchAll(/\bnpm (?:run )?([\w:]+)/g)])
      .map(([, name = '']) => name);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    expect(named).toContain('start');
  });

  it('link only to files that exist', () => {
    const links = documents().flatMap((document) => {
      const text = readFileSync(inProject(document), 'utf8');
      const found = [...text.matchAll(/\]\((?!\w+:)([^)#\s]+)/g)];
      return found.map(([, link = '']) => join(document, '..', link));
    });
    expect(links.filter((link) => !existsSync(inProject(link)))).toEqual([]);
  });

  it('link only to headings that exist', () => {
    const dead = documents().flatMap((document) => {
      const text = readFileSync(inProject(document), 'utf8');
      const found = [...text.matchAll(/\]\((?!\w+:)([^)#\s]*)#([^)\s]+)\)/g)];
      return found
        .map(([, file = '', fragment = '']) => [
          file === '' ? document : join(document, '..', file),
          fragment,
        ])
        .filter(([file = '', fragment = '']) => file.endsWith('.md') && !fragmentsOf(file).includes(fragment))
        .map(([file, fragment]) => `${document}: ${file}#${fragment}`);
    });
    expect(dead).toEqual([]);
    expect(fragmentsOf('docs/migrating.md')).toContain('node-ipc-14');
  });
});

describe('The pages', () => {
  it('list every key of the config with its default', () => {
    const page = readFileSync(inProject('docs', 'config.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, key = '', value = '']) => [
      key,
      value,
    ]);
    const described = new Map(rows as [string, string][]);
    for (const [key, value] of Object.entries(defaults())) {
      expect(described.get(key)).withContext(key).toBe(written(key, value));
    }
  });

  it('list every error code', () => {
    const page = readFileSync(inProject('docs', 'errors.md'), 'utf8');
    const codes = readFileSync(inProject('entities', 'errors.ts'), 'utf8').match(/ERR_IPC_\w+/g) ?? [];
    expect([...new Set(codes)].filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([]);
  });
});

/** The fragments that lead to a document's headings, as GitHub and npm make them. */
function fragmentsOf(document: string): string[] {
  const text = readFileSync(inProject(document), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/ /g, '-'),
  );
}

function isTyped({ sources }: Section): boolean {
  return sources.some(({ name }) => name.endsWith('.ts'));
}

function skipUnixPrograms({ sources }: Section): void {
  const code = sources.map((source) => source.code).join('\n');
  if (/process\.kill\(/.test(code)) pending('Windows has no signals');
  if (/\bconfig\.mode = /.test(code)) pending('A Windows pipe has no mode');
  if (code.includes("'node:cluster'")) pending('Workers share no pipe on Windows');
}

/** Runs a section's programs together. Those that serve may go on; the others end, and well. */
async function run(section: Section): Promise<void> {
  const folder = freshDirectory();
  layOut(section, folder);
  addCertificates(folder);
  await compile(section, folder);
  const env = {
    ...withoutCoverage(),
    NODE_OPTIONS: `--import=${pathToFileURL(inProject('example/runner/place.js')).href}`,
    NO_COLOR: '1',
    EXAMPLE_ROOT: process.platform === 'win32' ? `/${folder.slice(-8)}/` : `${folder}/`,
    EXAMPLE_PORT: String(await freePort()),
  };
  const programs: { source: Source; program: Program }[] = [];
  for (const source of section.sources.filter(({ code }) => !isModule(code)).sort(serversFirst)) {
    const file = join(folder, source.name.replace(/ts$/, 'js'));
    const program = new Program(process.execPath, [file], { cwd: folder, env });
    afterwards(() => program.kill());
    programs.push({ source, program });
    if (serves(source)) await program.waitForLine(/^server started on /);
  }
  for (const { source, program } of programs) if (!serves(source)) await succeeds(program);
  for (const { source, program } of programs) {
    for (const line of source.prints) await program.waitForLine(exactly(line));
    if (!serves(source)) continue;
    // Not after the end: a worker whose primary is killed while it starts complains of that.
    expect(program.stderr).toBe('');
    await program.kill();
  }
}

function serversFirst(a: Source, b: Source): number {
  return Number(serves(b)) - Number(serves(a));
}

async function succeeds(program: Program): Promise<void> {
  const { code } = await program.exited;
  expect(code)
    .withContext(program.stdout + program.stderr)
    .toBe(0);
}

function serves({ name }: Source): boolean {
  return /server\.\w+$/.test(name);
}

/** Whether a file holds types alone, for others to import. */
function isModule(code: string): boolean {
  return /^export /m.test(code) && !/^import /m.test(code);
}

/** Under the names that the documents use for them. */
function addCertificates(folder: string): void {
  const { ca, server, client } = freshCertificates();
  const files = { 'ca.cert': ca, 'server.key': server.key, 'server.cert': server.cert };
  const own = { 'client.key': client.key, 'client.cert': client.cert };
  for (const [name, path] of Object.entries({ ...files, ...own })) copyFileSync(path, join(folder, name));
}

async function compile(section: Section, folder: string): Promise<void> {
  if (!isTyped(section)) return;
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    noEmitOnError: true,
    typeRoots: [inProject('node_modules', '@types')],
    types: ['node'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  await succeeds(start(inProject('node_modules', 'typescript', 'lib', 'tsc.js'), ['-p', folder]));
}

function exactly(line: string): RegExp {
  return new RegExp(`^${line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`);
}

/** A default as the page writes it. */
function written(key: string, value: unknown): string {
  const special: Record<string, string> = {
    id: 'the host name',
    logger: '`console.log`',
    delimiter: "`'\\f'`",
    interfaces: 'each `false`',
    udp: '`{}`',
    maxMessageSize: '64 MiB',
    maxPendingBytes: '64 MiB',
    maxTotalBytes: '256 MiB',
    accept: "`['json']`",
  };
  if (value === undefined) return 'none';
  return special[key] ?? `\`${typeof value === 'string' ? `'${value}'` : value}\``;
}
