import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED = new Set(['node_modules', 'dist', 'build', 'coverage', 'out']);

/** The files below a folder, in order; not those of packages, of builds, and in hidden folders. Links are not followed. */
export function* filesBelow(folder: string, path = ''): Generator<string> {
  const entries = readdirSync(join(folder, path), { withFileTypes: true });
  for (const entry of entries.sort(byName)) {
    const name = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isFile()) yield name;
    else if (entry.isDirectory() && !entry.name.startsWith('.') && !SKIPPED.has(entry.name))
      yield* filesBelow(folder, name);
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
