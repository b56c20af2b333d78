import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll } from './round.js';

/** A directory for this run's sockets. However the run ends, it goes with it, and so do all peers. */
export function workspace() {
  const dir = mkdtempSync(join(tmpdir(), 'omni-bench-'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    endAll();
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}
