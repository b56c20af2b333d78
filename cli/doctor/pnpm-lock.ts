import { type Graph, KINDS, type Package, RUNTIME_KINDS, record, text } from './graph.js';
import { readYaml } from './yaml.js';

/** Reads `pnpm-lock.yaml`, versions 5 to 9. */
export function readPnpmLock(source: string, content: string): Graph {
  const lock = record(readYaml(content));
  const metadata = record(lock.packages);
  // Version 9 stores the dependencies separately, under keys that include the peer dependencies.
  const snapshots = lock.snapshots === undefined ? metadata : record(lock.snapshots);
  const packages = new Map<string, Package>();
  for (const [key, value] of Object.entries(snapshots)) {
    const entry = record(value);
    const id = identity(key);
    const needs = needed(entry, RUNTIME_KINDS, snapshots);
    const name = text(entry.name) || id.name;
    packages.set(key, { name, actual: name, version: text(entry.version) || id.version, where: key, needs });
  }
  const projects = lock.importers === undefined ? [lock] : Object.values(record(lock.importers));
  const roots = projects.flatMap((project) => needed(record(project), KINDS, snapshots));
  return { source, packages, roots: [...new Set(roots)] };
}

/** The keys of an entry's dependencies. */
function needed(
  entry: Record<string, unknown>,
  kinds: readonly string[],
  snapshots: Record<string, unknown>,
): string[] {
  return kinds.flatMap((kind) =>
    Object.entries(record(entry[kind]))
      .map(([name, value]) => keyOf(name, text(value) || text(record(value).version), snapshots))
      .filter((key) => key !== undefined),
  );
}

/** The key of a dependency. The lock file has its version or, if the dependency is an alias, its key. */
function keyOf(name: string, version: string, snapshots: Record<string, unknown>): string | undefined {
  const forms = [version, `${name}@${version}`, `/${name}@${version}`, `/${name}/${version}`, `/${version}`];
  return forms.find((form) => form in snapshots);
}

/**
 * Extracts the name and version from `/name/1.0.0_peer`, `/name@1.0.0(peer)`, `@scope/name@1.0.0`, or the same after a
 * registry's URL.
 */
function identity(key: string): { name: string; version: string } {
  const bare = key.replace(/\(.*$/, '').replace(/^[^@/][^/]*\.[^/]*\/(?=.*\/)/, '/');
  const [, name = bare, version = ''] = bare.match(/^\/?((?:@[^/]+\/)?[^/@]+)[/@](.+)$/) ?? [];
  return { name, version: version.replace(/_.*$/, '') };
}
