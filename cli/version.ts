import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this package; undefined if it is not found. */
export function packageFolder(): string | undefined {
  let folder = dirname(realpathSync(process.argv[1] ?? '.'));
  for (;;) {
    try {
      if (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === 'omni-ipc') return folder;
    } catch {
      // There is no manifest in this folder; continue with its parent.
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
