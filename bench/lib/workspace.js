import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll } from './round.js';

/** Creates a directory for the sockets of this run. However the run ends, the directory and all peers are removed. */
export function workspace() {
  const dir = mkdtempSync(join(tmpdir(), 'omni-bench-'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    endAll();
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}
