import { Behaviour } from './behaviour.js';
import { Imports } from './imports.js';
import { ParsedFile, type Place } from './parsed-file.js';
import type { TypeScript } from './typescript.js';
import { Values } from './values.js';

/** The result for one source file. */
export interface Rewritten {
  readonly text: string;
  readonly places: readonly Place[];
  /** The libraries that it imports. */
  readonly libraries: readonly string[];
}

/**
 * Rewrites the module specifiers in a source file, and finds the places whose behaviour differs.
 * @returns undefined if the file does not use the libraries
 */
export function rewrite(typescript: TypeScript, name: string, text: string): Rewritten | undefined {
  const file = new ParsedFile(typescript, name, text);
  const values = new Values(file);
  const imports = new Imports(file, values);
  imports.find();
  if (imports.libraries.size === 0) return undefined;
  values.spread();
  new Behaviour(file, values).report();
  return { text: imports.replaced(), places: file.places, libraries: [...imports.libraries] };
}
