import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inProject, projectRoot } from './project.js';

/**
 * The programs in the documents, which run as they are written:
 *
 * - A block that starts with `// server.js` is part of that file. Blocks of one section with the same name form one file,
 *   and the files of one section run together.
 * - The blocks of a tab, such as ```` ```js [CommonJS] ````, run with those of the same tab in the document.
 * - Any other block of code is a separate program. One without imports gets `import ipc from 'omni-ipc'`.
 * - The comment after `console.log(...); // ` is the expected output.
 */

/** A program of a document. */
export interface Source {
  name: string;
  code: string;
  /** The lines that it must print. */
  prints: string[];
}

/** Programs that run together. */
export interface Section {
  /** Its place: the document, the heading, and the line of the first block. */
  title: string;
  sources: Source[];
}

/** A fenced block. */
export interface Block {
  language: string;
  /** The name of its tab, if it is in one. */
  tab: string | undefined;
  text: string;
  line: number;
  heading: string;
}

/** One entry point in `exports` of package.json. */
interface Entry {
  readonly import: { readonly default: string };
  readonly require: { readonly default: string };
}

/** Returns the paths of the documents in the project. */
export function documents(): string[] {
  const docs = readdirSync(inProject('docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

/** Returns the fenced blocks of a document. */
export function blocksOf(document: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: Block | undefined;
  for (const [index, line] of readFileSync(inProject(document), 'utf8').split('\n').entries()) {
    const fence = line.match(/^```(\w*)(?: \[(.+)\])?/);
    if (fence && open) {
      blocks.push(open);
      open = undefined;
    } else if (fence) open = { language: fence[1] ?? '', tab: fence[2], text: '', line: index + 1, heading };
    else if (open) open.text += `${line}\n`;
    else heading = line.match(/^#+ (.*)/)?.[1] ?? heading;
  }
  return blocks;
}

/** Returns the programs of a document. */
export function sectionsOf(document: string): Section[] {
  const sections = new Map<string, Section>();
  for (const block of blocksOf(document).filter(({ language }) => /^(js|ts)$/.test(language))) {
    const name = block.text.match(/^\/\/ (\S+\.[cm]?[jt]s)\n/)?.[1];
    const key = block.tab ? `tab ${block.tab}` : name ? block.heading : `line ${block.line}`;
    const title = `${document}, ${block.tab ?? block.heading} (line ${block.line})`;
    const section = sections.get(key) ?? { title, sources: [] };
    sections.set(key, section);
    add(section, name ?? nameFor(block), name ? block.text : withImport(block.text));
  }
  return [...sections.values()];
}

/** Writes the programs of a section into a folder with the built package and with certificates. */
export function layOut(section: Section, folder: string): void {
  mkdirSync(join(folder, 'node_modules'));
  install(join(folder, 'node_modules', 'omni-ipc'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  for (const { name, code } of section.sources) writeFileSync(join(folder, name), code);
}

/** Installs the built package as a link, or as modules that re-export it if the system has no links (Wine). */
function install(folder: string): void {
  try {
    symlinkSync(projectRoot, folder, 'junction');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTSUP') throw error;
    passOn(folder);
  }
}

function passOn(folder: string): void {
  mkdirSync(folder);
  const { exports } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const passed: Record<string, { import: string; require: string }> = {};
  for (const [index, [name, entry]] of Object.entries<Entry | string>(exports).entries()) {
    if (typeof entry === 'string') continue;
    const module = JSON.stringify(pathToFileURL(inProject(entry.import.default)));
    writeFileSync(
      join(folder, `${index}.mjs`),
      `import * as all from ${module};\nexport * from ${module};\nexport default all.default;\n`,
    );
    const required = JSON.stringify(inProject(entry.require.default));
    writeFileSync(join(folder, `${index}.cjs`), `module.exports = require(${required});\n`);
    passed[name] = { import: `./${index}.mjs`, require: `./${index}.cjs` };
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'omni-ipc', exports: passed }));
}

function add({ sources }: Section, name: string, code: string): void {
  const prints = [...code.matchAll(/\bconsole\.log\(.*\);? \/\/ (.+)$/gm)].map(([, text = '']) => text);
  const known = sources.find((source) => source.name === name);
  if (known === undefined) {
    sources.push({ name, code, prints });
    return;
  }
  known.code += code;
  known.prints.push(...prints);
}

function nameFor({ language, text }: Block): string {
  return language === 'js' && /\brequire\(/.test(text) ? 'program.cjs' : `program.${language}`;
}

function withImport(text: string): string {
  return /\b(import|require)\b/.test(text) ? text : `import ipc from 'omni-ipc';\n${text}`;
}
