// @ts-check
/** Finds the imports between folders, which docs/architecture.svg shows and spec/docs/architecture.spec.ts checks. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

/** Maps a folder, or a part of one, to the folders that it imports from. @typedef {Map<string, Set<string>>} Graph */

const FROM = /^(?:import|export)\b[\w\s,{}*$]*?\bfrom\s*'(\.[^']+)'/gm;

/**
 * Returns the import graph of a project by folders. `lib/*.ts` counts as two nodes: the helpers, which folders of lib/ import,
 * and the engine, which imports those folders.
 * @param {string} root the project's folder
 * @returns {Graph}
 */
export function importGraph(root) {
  const files = [
    'index.ts',
    ...['cli', 'services', 'lib', 'entities'].flatMap((folder) => filesIn(root, folder)),
  ];
  const imports = new Map(files.map((file) => [file, importsOf(root, file)]));
  const helpers = helpersOf(imports);
  /** @type {Graph} */
  const graph = new Map();
  for (const [from, targets] of imports) {
    const name = groupOf(from, helpers);
    const known = graph.get(name) ?? new Set();
    graph.set(name, known);
    for (const to of targets) if (groupOf(to, helpers) !== name) known.add(groupOf(to, helpers));
  }
  return graph;
}

/**
 * Returns the graph without transitive imports: without A -> C if it has A -> B and B -> C.
 * @param {Graph} graph without a cycle
 * @returns {Graph}
 */
export function reduced(graph) {
  return new Map(
    [...graph].map(([from, targets]) => {
      const implied = new Set([...targets].flatMap((to) => [...reachable(graph, to)]));
      return [from, new Set([...targets].filter((to) => !implied.has(to)))];
    }),
  );
}

/**
 * Returns everything that a folder imports, directly or through others.
 * @param {Graph} graph
 * @param {string} from
 * @param {Set<string>} seen
 */
function reachable(graph, from, seen = new Set()) {
  for (const to of graph.get(from) ?? []) {
    if (seen.has(to)) continue;
    seen.add(to);
    reachable(graph, to, seen);
  }
  return seen;
}

/** @param {string} root @param {string} folder */
function filesIn(root, folder) {
  return readdirSync(posix.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort();
}

/** @param {string} root @param {string} file */
function importsOf(root, file) {
  const text = readFileSync(posix.join(root, file), 'utf8');
  return [...text.matchAll(FROM)]
    .map(([, name = '']) => posix.join(posix.dirname(file), name).replace(/\.js$/, '.ts'))
    .filter((to) => existsSync(posix.join(root, to)));
}

/**
 * Returns the files directly in lib/ that its folders import, directly or through others.
 * @param {Map<string, string[]>} imports
 */
function helpersOf(imports) {
  const seen = new Set();
  /** @param {string} file */
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const to of imports.get(file) ?? []) visit(to);
  };
  for (const file of imports.keys()) if (/^lib\/[^/]+\//.test(file)) visit(file);
  return new Set([...seen].filter((file) => /^lib\/[^/]+$/.test(file)));
}

/** @param {string} file @param {Set<string>} helpers */
function groupOf(file, helpers) {
  if (file === 'index.ts') return file;
  const [top = '', second = ''] = file.split('/');
  if (top === 'lib' && second.endsWith('.ts')) return helpers.has(file) ? 'lib: helpers' : 'lib: engine';
  return top === 'lib' || top === 'services' ? `${top}/${second}` : top;
}
