import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { dependenciesOf, type Graph, KINDS, type Package, RUNTIME_KINDS, record, text } from './graph.js';
import { workspacesOf } from './workspaces.js';

/** The stores of package managers that link packages: each folder in them has a node_modules. */
const STORES = new Set(['.pnpm', '.bun', '.store']);
/** The folder of a package in the store of yarn's linker `pnpm`. */
const IN_STORE = 'package';

/**
 * Reads the packages that are installed in a project and its workspaces, in any layout: nested, flat, or a store of symbolic
 * links, as pnpm, yarn, npm and bun have it, which may be outside of the project.
 */
export function readInstalled(project: string, manifest: unknown): Graph | undefined {
  const folders = [project, ...workspacesOf(project, manifest)].map((folder) => realpathSync(folder));
  const tops = folders.map((folder) => join(folder, 'node_modules'));
  if (!tops.some((top) => existsSync(top))) return undefined;
  const neededIn = (folder: string, found: unknown, kinds: string[]) =>
    [...dependenciesOf(found, kinds).keys()]
      .map((name) => resolved(name, folder, project))
      .filter((path) => path !== undefined);
  const roots = new Set(folders.flatMap((folder) => neededIn(folder, manifestIn(folder), KINDS)));
  const packages = new Map<string, Package>();
  const pending = new Set([...tops.flatMap((top) => [...packagesIn(top)]), ...roots]);
  for (const folder of pending) {
    const found = folders.includes(folder) ? undefined : manifestIn(folder);
    if (found === undefined) continue;
    const needs = neededIn(folder, found, RUNTIME_KINDS);
    for (const one of needs) pending.add(one);
    const actual = text(found.name);
    const name = nameOf(folder) ?? actual;
    const where = relative(project, folder).replaceAll(sep, '/');
    packages.set(folder, { name, actual: actual || name, version: text(found.version), where, needs });
  }
  dropLeftovers(packages, [...roots]);
  return { source: 'node_modules', packages, roots: [...roots] };
}

/** The name that a package is imported by, if its folder has it. */
function nameOf(folder: string): string | undefined {
  const path = folder.replaceAll(sep, '/');
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/@.][^/]*)$/.exec(path) ?? [];
  return name;
}

/** Removes the packages that bun has left in its store although nothing depends on them any more. */
function dropLeftovers(packages: Map<string, Package>, roots: readonly string[]): void {
  const used = new Set(roots);
  for (const path of used) for (const one of packages.get(path)?.needs ?? []) used.add(one);
  for (const path of packages.keys()) {
    if (path.includes(`${sep}.bun${sep}`) && !used.has(path)) packages.delete(path);
  }
}

/** Every package folder, each once. Symbolic links are skipped: a store has their targets, or a package needs them. */
function* packagesIn(modules: string): Generator<string> {
  for (const entry of entriesOf(modules)) {
    const path = join(modules, entry.name);
    if (!entry.isDirectory()) continue;
    if (STORES.has(entry.name)) {
      for (const { name } of entriesOf(path).filter((one) => one.isDirectory())) {
        yield* packagesIn(join(path, name, 'node_modules'));
        if (existsSync(join(path, name, IN_STORE))) yield* withNested(join(path, name, IN_STORE));
      }
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
