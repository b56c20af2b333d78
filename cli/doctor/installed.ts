import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { dependenciesOf, type Graph, type Package, RUNTIME_KINDS, record, text } from './graph.js';
import { workspacesOf } from './workspaces.js';

/** The stores of package managers that link packages: each folder in them has a node_modules. */
const STORES = new Set(['.pnpm', '.bun']);

/**
 * Reads the packages that are installed in a project and its workspaces, in any layout: nested, flat, or a store of symbolic
 * links, as pnpm and bun have it.
 */
export function readInstalled(project: string, manifest: unknown): Graph | undefined {
  const folders = [project, ...workspacesOf(project, manifest)].map((folder) => realpathSync(folder));
  const tops = folders.map((folder) => join(folder, 'node_modules'));
  if (!tops.some((top) => existsSync(top))) return undefined;
  const packages = new Map<string, Package>();
  for (const folder of tops.flatMap((top) => [...packagesIn(top)])) {
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
  const roots = folders.flatMap((folder) =>
    [...dependenciesOf(manifestIn(folder)).keys()]
      .map((name) => resolved(name, folder, project))
      .filter((path) => path !== undefined),
  );
  dropLeftovers(packages, roots);
  return { source: 'node_modules', packages, roots: [...new Set(roots)] };
}

/** Removes the packages that bun has left in its store although nothing depends on them any more. */
function dropLeftovers(packages: Map<string, Package>, roots: readonly string[]): void {
  const used = new Set(roots);
  for (const path of used) for (const one of packages.get(path)?.needs ?? []) used.add(one);
  for (const path of packages.keys()) {
    if (path.includes(`${sep}.bun${sep}`) && !used.has(path)) packages.delete(path);
  }
}

/** Every package folder, each once. Symbolic links are skipped: their targets are found directly. */
function* packagesIn(modules: string): Generator<string> {
  for (const entry of entriesOf(modules)) {
    const path = join(modules, entry.name);
    if (!entry.isDirectory()) continue;
    if (STORES.has(entry.name)) {
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
