/** One package in a lock file or in node_modules. */
export interface Package {
  /** The name that it is imported by. */
  readonly name: string;
  /** What it is, where that differs: `npm:` aliases. */
  readonly actual: string;
  readonly version: string;
  /** Where it is: a path, or a key of the lock file. */
  readonly where: string;
  /** What it depends on. */
  readonly needs: readonly string[];
}

/** Who needs whom, by the keys of the source; the roots are what the project itself asks for. */
export interface Graph {
  /** The lock file, or node_modules. */
  readonly source: string;
  readonly packages: ReadonlyMap<string, Package>;
  readonly roots: readonly string[];
}

/** How a package gets into a project. */
export interface Occurrence {
  readonly source: string;
  readonly package: Package;
  /** From what the project asks for to what asks for the package, as `name@version`; empty if it is asked for directly. */
  readonly via: readonly string[];
  /** Everything that asks for it, as `name@version`, the project itself left out. */
  readonly neededBy: readonly string[];
  /** Whether the project itself asks for it. */
  readonly direct: boolean;
}

/** The packages that are wanted, each with the shortest way from the project to it. */
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

/** A name and a version out of `name@version`, `@scope/name@npm:^1` and the like. */
export function split(text: string): { name: string; range: string } {
  const at = text.indexOf('@', 1);
  return at < 0 ? { name: text, range: '' } : { name: text.slice(0, at), range: text.slice(at + 1) };
}

/** A record out of data that may be anything. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** A text out of data that may be anything. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** The names of all kinds of dependencies in a manifest, with what is asked for. */
export function dependenciesOf(manifest: unknown, kinds = KINDS): Map<string, string> {
  const all = new Map<string, string>();
  for (const kind of kinds)
    for (const [name, range] of Object.entries(record(record(manifest)[kind]))) all.set(name, text(range));
  return all;
}

/** The kinds of dependencies of a project; of its dependencies those for development are not installed. */
export const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
export const RUNTIME_KINDS = ['dependencies', 'optionalDependencies', 'peerDependencies'];
