import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = 'node_modules';
const BUILT = new Set(['dist', 'build', 'coverage', 'out']);

/**
 * The files below a folder, sorted, without those in node_modules, build folders and hidden folders. It does not follow
 * symbolic links.
 * @param built receives the build folders that are skipped
 */
export function* filesBelow(
  folder: string,
  built: (path: string) => void = () => {},
  path = '',
): Generator<string> {
  const entries = readdirSync(join(folder, path), { withFileTypes: true });
  for (const entry of entries.sort(byName)) {
    const name = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isFile()) yield name;
    else if (!entry.isDirectory() || entry.name.startsWith('.') || entry.name === PACKAGES) continue;
    else if (BUILT.has(entry.name)) built(name);
    else yield* filesBelow(folder, built, name);
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
