// @ts-check
/**
 * Writes the pages from which VitePress builds the site. GitHub shows the same documents, so this file makes the changes that only
 * the site needs: links lead to pages, source files that a page links to become pages, and blocks between `<!-- tabs -->` and
 * `<!-- /tabs -->` become tabs.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { writeFigures } from './figures.js';
import { pages, root } from './places.js';

/** The documents outside docs/, and the pages that they become. */
const ELSEWHERE = {
  'README.md': 'index.md',
  'SECURITY.md': 'security.md',
  'CHANGELOG.md': 'changes.md',
  'ROADMAP.md': 'roadmap.md',
  'CONTRIBUTING.md': 'contributing.md',
  'CODE_OF_CONDUCT.md': 'code-of-conduct.md',
  'bench/README.md': 'benchmarks.md',
  'clients/README.md': 'clients.md',
};

/** The languages of file extensions, for syntax highlighting. */
const LANGUAGES = {
  cs: 'csharp',
  cts: 'ts',
  mts: 'ts',
  cjs: 'js',
  mjs: 'js',
  h: 'c',
  py: 'python',
  rs: 'rust',
  service: 'ini',
  socket: 'ini',
  yml: 'yaml',
};

const HOME = `---
layout: home
title: omni-ipc
titleTemplate: Inter-process communication for Node.js
hero:
  name: omni-ipc
  text: Processes that talk to each other
  tagline: Over Unix sockets, Windows pipes, TCP, TLS, UDP and message ports, with node-ipc's API and wire.
  actions:
    - { theme: brand, text: Start in five minutes, link: /start }
    - { theme: alt, text: Move from node-ipc, link: /migrating }
    - { theme: alt, text: Reference, link: /reference/ }
---
`;

/** @type {Map<string, string>} the page of each document, by the document's path in the repository */
const documents = new Map();
/** @type {Set<string>} the files and folders of the repository that pages link to */
const sources = new Set();

export function layOutPages() {
  rmSync(pages, { recursive: true, force: true });
  for (const [document, page] of Object.entries(ELSEWHERE)) documents.set(document, page);
  for (const name of readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.md')) documents.set(posix.join('docs', name), name);
  }
  documents.set('bench/results', 'results.md');
  for (const [document, page] of documents) {
    if (page === 'results.md') write(page, writeFigures());
    else write(page, pageOf(document, page));
  }
  for (const source of sources) write(sourcePage(source), sourceOf(source));
  mkdirSync(join(pages, 'public'));
  copyFileSync(join(root, 'cli', 'web', 'page', 'icon.svg'), join(pages, 'public', 'icon.svg'));
}

function pageOf(/** @type {string} */ document, /** @type {string} */ page) {
  const text = readFileSync(join(root, document), 'utf8');
  const linked = outsideOfCode(text, (prose) =>
    prose.replace(/(?<=\]\()(?![a-z]+:)([^)#\s]+)(?=[)#])/g, (link) => linkFrom(document, page, link)),
  );
  const tabbed = linked
    .replace(/^```wire .*$/gm, '```txt')
    .replace(/^<!-- tabs -->$/gm, '::: code-group')
    .replace(/^<!-- \/tabs -->$/gm, ':::');
  return document === 'README.md' ? HOME + tabbed.replace(/^# .*\n/, '') : tabbed;
}

/** Returns the link of the page for a document's link to a file of the repository. */
function linkFrom(/** @type {string} */ document, /** @type {string} */ page, /** @type {string} */ link) {
  const target = posix.join(posix.dirname(document), link).replace(/\/$/, '');
  return relative(
    page,
    documents.get(target) ?? (isImage(target) ? copyImage(target) : sourcePageOf(target)),
  );
}

function relative(/** @type {string} */ page, /** @type {string} */ target) {
  const path = posix.relative(posix.dirname(page), target);
  return path.startsWith('.') ? path : `./${path}`;
}

function isImage(/** @type {string} */ path) {
  return /\.(png|svg)$/.test(path);
}

/** @returns the path of the image among the pages */
function copyImage(/** @type {string} */ path) {
  const place = path.replace(/^docs\//, '');
  mkdirSync(join(pages, dirname(place)), { recursive: true });
  copyFileSync(join(root, path), join(pages, place));
  return place;
}

function sourcePageOf(/** @type {string} */ path) {
  if (!existsSync(join(root, path))) throw new Error(`A page links to ${path}, which does not exist`);
  sources.add(path);
  return sourcePage(path);
}

/** Removes the dots of hidden folders, which VitePress does not read. */
function sourcePage(/** @type {string} */ path) {
  return `source/${path.replace(/(^|\/)\./g, '$1')}.md`;
}

/** Writes a page that shows a file, or the files of a folder. A folder of specs shows only their names. */
function sourceOf(/** @type {string} */ path) {
  const head = `---\nsearch: false\naside: false\n---\n# ${path}\n\n`;
  if (statSync(join(root, path)).isFile()) return head + shown(path);
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => posix.join(path, name));
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => posix.join(path, name));
  if (path.startsWith('spec/'))
    return `${head}Programs of the repository: \n\n${[...folders, ...files].map((file) => `- \`${file}\`\n`).join('')}`;
  const links = folders.map(
    (folder) => `- [${folder}](${relative(sourcePage(path), sourcePageOf(folder))})\n`,
  );
  return `${head}${links.join('')}\n${files.map((file) => `## ${posix.basename(file)}\n\n${shown(file)}`).join('\n')}`;
}

function shown(/** @type {string} */ file) {
  return fenced(readFileSync(join(root, file), 'utf8'), languageOf(file));
}

function fenced(/** @type {string} */ text, /** @type {string} */ language) {
  const longest = Math.max(2, ...[...text.matchAll(/^`{3,}/gm)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}\n`;
}

function languageOf(/** @type {string} */ file) {
  const extension = extname(file).slice(1);
  return /** @type {Record<string, string>} */ (LANGUAGES)[extension] ?? extension;
}

/** Changes the text outside fenced blocks. */
function outsideOfCode(/** @type {string} */ text, /** @type {(prose: string) => string} */ change) {
  return text
    .split(/^(```[\s\S]*?^```.*$)/m)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join('');
}

function write(/** @type {string} */ page, /** @type {string} */ text) {
  const file = join(pages, page);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
