import {
  dependenciesOf,
  type Graph,
  KINDS,
  type Package,
  RUNTIME_KINDS,
  record,
  split,
  text,
} from './graph.js';

/** Reads `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3. */
export function readNpmLock(source: string, content: string, manifest: unknown): Graph {
  const lock = record(JSON.parse(content));
  return lock.packages === undefined
    ? fromTree(source, lock, manifest)
    : fromPaths(source, record(lock.packages));
}

/** Versions 2 and 3 list each package by its installation path. */
function fromPaths(source: string, entries: Record<string, unknown>): Graph {
  const packages = new Map<string, Package>();
  const roots = new Set<string>();
  for (const [path, value] of Object.entries(entries)) {
    const entry = record(value);
    const at = path.lastIndexOf('node_modules/');
    const inProject = at < 0;
    const needs = [...dependenciesOf(entry, inProject ? KINDS : RUNTIME_KINDS).keys()]
      .map((name) => resolved(name, path, entries))
      .filter((key) => key !== undefined);
    // The project itself, or one of its workspaces.
    if (inProject) {
      for (const key of needs) roots.add(key);
      continue;
    }
    const name = path.slice(at + 'node_modules/'.length);
    packages.set(path, {
      name,
      actual: text(entry.name) || name,
      version: text(entry.version),
      where: path,
      needs,
    });
  }
  return { source, packages, roots: [...roots] };
}

/** Resolves a package name as Node does, from the folder of another package. */
function resolved(name: string, from: string, entries: Record<string, unknown>): string | undefined {
  for (let folder = from; ; ) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in entries) return path;
    if (folder === '') return undefined;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
  }
}

interface Nested {
  readonly path: string;
  readonly entries: Record<string, unknown>;
  readonly above: Nested | undefined;
}

/** Version 1 nests packages in the packages that they are installed in. */
function fromTree(source: string, lock: Record<string, unknown>, manifest: unknown): Graph {
  const packages = new Map<string, Package>();
  const walk = (folder: Nested) => {
    for (const [name, value] of Object.entries(folder.entries)) {
      const entry = record(value);
      const path = `${folder.path}node_modules/${name}`;
      const inside: Nested = { path: `${path}/`, entries: record(entry.dependencies), above: folder };
      const needs = Object.keys(record(entry.requires))
        .map((needed) => holder(needed, inside))
        .filter((key) => key !== undefined);
      const version = text(entry.version);
      const alias = version.startsWith('npm:') ? split(version.slice(4)) : undefined;
      packages.set(path, {
        name,
        actual: alias?.name ?? name,
        version: alias?.range ?? version,
        where: path,
        needs,
      });
      walk(inside);
    }
  };
  walk({ path: '', entries: record(lock.dependencies), above: undefined });
  const roots = [...dependenciesOf(manifest).keys()].map((name) => `node_modules/${name}`);
  return { source, packages, roots };
}

function holder(name: string, from: Nested): string | undefined {
  for (let folder: Nested | undefined = from; folder !== undefined; folder = folder.above)
    if (name in folder.entries) return `${folder.path}node_modules/${name}`;
  return undefined;
}
