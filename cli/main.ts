#!/usr/bin/env node
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { main } from './run.js';

void main(process.argv.slice(2), version);

/** The version of the package that this file belongs to. */
function version(): string {
  let folder = dirname(realpathSync(process.argv[1] ?? '.'));
  for (;;) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (name === 'omni-ipc') return String(version);
    } catch {
      // No manifest here: look further up.
    }
    const parent = dirname(folder);
    if (parent === folder) return 'unknown';
    folder = parent;
  }
}
