import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freshDirectory } from '../../support/places.js';

/** Writes the files of a project, and gives its directory. */
export function projectOf(files: Record<string, string>): string {
  const folder = freshDirectory();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
