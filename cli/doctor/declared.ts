import { join, relative, sep } from 'node:path';
import { dependenciesOf, type Graph, type Package, split } from './graph.js';
import { MANIFEST, readManifest } from './manifest.js';
import { workspacesOf } from './workspaces.js';

/**
 * Reads the dependencies that the package.json of a project and of its workspaces state. Their versions are ranges, and what
 * they depend on is unknown.
 */
export function readDeclared(project: string, manifest: unknown): Graph {
  const packages = new Map<string, Package>();
  for (const folder of [project, ...workspacesOf(project, manifest)]) {
    const where = relative(project, join(folder, MANIFEST)).replaceAll(sep, '/');
    for (const [name, range] of dependenciesOf(readManifest(folder))) {
      const alias = range.startsWith('npm:') ? split(range.slice(4)) : undefined;
      const [actual, version] = alias === undefined ? [name, range] : [alias.name, alias.range];
      packages.set(`${where} ${name}`, {
        name,
        actual,
        version: version.replace(/^[v=]+/, ''),
        where,
        needs: [],
      });
    }
  }
  return { source: MANIFEST, packages, roots: [...packages.keys()] };
}
