import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the package that the command belongs to; undefined if it has none. */
export function packageFolder(): string | undefined {
  let folder = dirname(realpathSync(process.argv[1] ?? '.'));
  for (;;) {
    try {
      if (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === 'omni-ipc') return folder;
    } catch {
      // No manifest here: look further up.
    }
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** The version of this package. */
export function version(): string {
  const folder = packageFolder();
  if (folder === undefined) return 'unknown';
  return String(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version);
}
