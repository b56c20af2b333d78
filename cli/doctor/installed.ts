import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { dependenciesOf, type Graph, type Package, RUNTIME_KINDS, record, text } from './graph.js';

/** Reads the packages that are installed in a project, in any layout: nested, flat, or pnpm's store of symbolic links. */
export function readInstalled(project: string, manifest: unknown): Graph | undefined {
  const top = join(project, 'node_modules');
  if (!existsSync(top)) return undefined;
  const packages = new Map<string, Package>();
  for (const folder of packagesIn(top)) {
    const found = manifestIn(folder);
    if (found === undefined) continue;
    const needs = [...dependenciesOf(found, RUNTIME_KINDS).keys()]
      .map((name) => resolved(name, folder, project))
      .filter((path) => path !== undefined);
    const name = folder
      .slice(folder.lastIndexOf(`node_modules${sep}`) + 'node_modules/'.length)
      .replaceAll(sep, '/');
    const where = relative(project, folder).replaceAll(sep, '/');
    packages.set(folder, {
      name,
      actual: text(found.name) || name,
      version: text(found.version),
      where,
      needs,
    });
  }
  const roots = [...dependenciesOf(manifest).keys()]
    .map((name) => resolved(name, project, project))
    .filter((path) => path !== undefined);
  return { source: 'node_modules', packages, roots };
}

/** Every package folder, each once. Symbolic links are skipped: their targets are found directly. */
function* packagesIn(modules: string): Generator<string> {
  for (const entry of entriesOf(modules)) {
    const path = join(modules, entry.name);
    if (!entry.isDirectory()) continue;
    if (entry.name === '.pnpm') {
      for (const one of entriesOf(path))
        if (one.isDirectory()) yield* packagesIn(join(path, one.name, 'node_modules'));
    } else if (entry.name.startsWith('@')) {
      for (const one of entriesOf(path)) if (one.isDirectory()) yield* withNested(join(path, one.name));
    } else if (!entry.name.startsWith('.')) yield* withNested(path);
  }
}

function* withNested(folder: string): Generator<string> {
  yield realpathSync(folder);
  yield* packagesIn(join(folder, 'node_modules'));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function manifestIn(folder: string): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Resolves a package name as Node does, from a folder up to the project's folder. */
function resolved(name: string, from: string, project: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      return realpathSync(join(folder, 'node_modules', name));
    } catch {
      // Not in this folder; continue with its parent.
    }
    if (folder === project || folder === dirname(folder)) return undefined;
  }
}
