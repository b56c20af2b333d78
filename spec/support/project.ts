import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** A path in the project. */
export function inProject(...names: string[]): string {
  return join(projectRoot, ...names);
}

/** Where the specs are compiled to; only code below it counts in the coverage. */
export const built = fileURLToPath(new URL('../..', import.meta.url)).slice(0, -1);
