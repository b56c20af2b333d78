/** One package in a lock file or in node_modules. */
export interface Package {
  /** The name that dependents import. */
  readonly name: string;
  /** The name of the package that is actually installed, if it differs: `npm:` aliases. */
  readonly actual: string;
  readonly version: string;
  /** The location: a path, or a key of the lock file. */
  readonly where: string;
  /** The keys of its dependencies. */
  readonly needs: readonly string[];
}

/** The dependency graph of one source. The roots are the project's own dependencies. */
export interface Graph {
  /** The name of the lock file, or node_modules. */
  readonly source: string;
  readonly packages: ReadonlyMap<string, Package>;
  readonly roots: readonly string[];
}

/** One package in a project, and how it gets there. */
export interface Occurrence {
  readonly source: string;
  readonly package: Package;
  /**
   * The chain of packages from the project's dependency to the one that depends on this package, as `name@version`; empty
   * if the project depends on it directly.
   */
  readonly via: readonly string[];
  /** All packages that depend on it, as `name@version`, without the project itself. */
  readonly neededBy: readonly string[];
  /** Whether the project depends on it directly. */
  readonly direct: boolean;
}

/** Finds packages, each with the shortest dependency chain from the project. */
export function occurrences(graph: Graph, wanted: (found: Package) => boolean): Occurrence[] {
  const from = new Map<string, string | undefined>();
  const queue: string[] = [];
  for (const root of graph.roots) {
    if (from.has(root) || !graph.packages.has(root)) continue;
    from.set(root, undefined);
    queue.push(root);
  }
  for (const key of queue) {
    for (const next of graph.packages.get(key)?.needs ?? []) {
      if (from.has(next) || !graph.packages.has(next)) continue;
      from.set(next, key);
      queue.push(next);
    }
  }
  const found: Occurrence[] = [];
  for (const [key, one] of graph.packages) {
    if (!wanted(one)) continue;
    const via: string[] = [];
    for (let at = from.get(key); at !== undefined; at = from.get(at)) {
      const parent = graph.packages.get(at);
      if (parent !== undefined) via.unshift(`${parent.name}@${parent.version}`);
    }
    const askers = [...graph.packages.values()].filter(({ needs }) => needs.includes(key));
    const neededBy = [...new Set(askers.map(({ name, version }) => `${name}@${version}`))];
    found.push({ source: graph.source, package: one, via, neededBy, direct: graph.roots.includes(key) });
  }
  return found;
}

/** Splits `name@version`, `@scope/name@npm:^1` and the like into a name and a version range. */
export function split(text: string): { name: string; range: string } {
  const at = text.indexOf('@', 1);
  return at < 0 ? { name: text, range: '' } : { name: text.slice(0, at), range: text.slice(at + 1) };
}

/** Returns the value if it is an object and not an array, otherwise an empty object. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** Returns a string unchanged and a number as a string; for any other value, an empty string. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The names of all dependencies in a manifest, with their ranges. */
export function dependenciesOf(manifest: unknown, kinds = KINDS): Map<string, string> {
  const all = new Map<string, string>();
  for (const kind of kinds)
    for (const [name, range] of Object.entries(record(record(manifest)[kind]))) all.set(name, text(range));
  return all;
}

/** The kinds of dependencies of a project. For a dependency, the development ones are not installed. */
export const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
export const RUNTIME_KINDS = ['dependencies', 'optionalDependencies', 'peerDependencies'];
