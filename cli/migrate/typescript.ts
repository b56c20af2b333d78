import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type ts from 'typescript-6';
import { UsageError } from '../exit.js';
import { packageFolder } from '../version.js';

/** The part of TypeScript's API that is used: the parser, which versions 4 to 6 have. */
export type TypeScript = Pick<
  typeof ts,
  'createSourceFile' | 'forEachChild' | 'ScriptKind' | 'ScriptTarget' | 'SyntaxKind' | 'version'
>;

/**
 * Loads TypeScript: the project's, or the one installed beside this package.
 * @throws UsageError that says how to install it
 */
export function loadTypeScript(directory: string): TypeScript {
  const places = [resolve(directory), packageFolder(), process.argv[1]].filter(
    (place) => place !== undefined,
  );
  const seen: string[] = [];
  for (const place of places) {
    const require = createRequire(join(place, 'package.json'));
    let loaded: Partial<TypeScript>;
    try {
      loaded = require('typescript');
    } catch {
      continue;
    }
    if (typeof loaded.createSourceFile === 'function') return loaded as TypeScript;
    seen.push(String(loaded.version));
  }
  const what =
    seen.length === 0
      ? 'TypeScript is not installed here'
      : `TypeScript ${seen[0]} has no parser to call from JavaScript, which versions 4 to 6 have`;
  throw new UsageError(`${what}; run: npx -p typescript@6 -p omni-ipc omni-ipc migrate`);
}
