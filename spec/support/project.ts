import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** Returns a path in the project. */
export function inProject(...names: string[]): string {
  return join(projectRoot, ...names);
}

/** The folder of the compiled specs. Only code in it counts in the coverage. */
export const built = fileURLToPath(new URL('../..', import.meta.url)).slice(0, -1);
