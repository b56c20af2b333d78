import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../files/replace-file.js';
import { KINDS, record, text } from './graph.js';
import { ALIASED } from './known.js';
import type { Manager, Project } from './project.js';

/** The path in package.json where each package manager reads replacements of packages. */
const PLACES: Readonly<Record<Manager, readonly string[]>> = {
  npm: ['overrides'],
  pnpm: ['pnpm', 'overrides'],
  yarn: ['resolutions'],
  bun: ['overrides'],
};

/** A change of package.json. */
export interface Change {
  /** The members to add. */
  readonly patch: Record<string, unknown>;
  /** The text of package.json after the change. */
  readonly text: string;
  /** Whether package.json already contains all of it. */
  readonly made: boolean;
}

/**
 * The change of package.json that replaces the named packages with this one, for every dependent.
 * @param names the packages that were found
 * @param version the version of this package
 */
export function changeFor(project: Project, names: readonly string[], version: string): Change | undefined {
  const replaced = ALIASED.filter((name) => names.includes(name));
  if (replaced.length === 0) return undefined;
  const alias = `npm:omni-ipc@^${version}`;
  const source = readFileSync(join(project.directory, 'package.json'), 'utf8');
  const manifest = record(JSON.parse(source));
  const patch: Record<string, unknown> = {};
  let made = true;
  const put = (path: readonly string[], name: string) => {
    for (const root of [manifest, patch]) {
      let at = root;
      for (const key of path) {
        at[key] = record(at[key]);
        at = at[key] as Record<string, unknown>;
      }
      if (root === manifest && at[name] !== alias) made = false;
      at[name] = alias;
    }
  };
  // An override applies to a name, so it does not reach a dependency that has another name: `"old": "npm:node-ipc@9"`.
  for (const kind of KINDS) {
    for (const [name, range] of Object.entries(record(manifest[kind]))) {
      const aliased = /^npm:(@?[^@]+)(@|$)/.exec(text(range))?.[1] ?? '';
      if (replaced.includes(aliased)) put([kind], name);
    }
  }
  for (const name of replaced) {
    // npm refuses an override that differs from the project's own dependency.
    for (const kind of KINDS) if (Object.hasOwn(record(manifest[kind]), name)) put([kind], name);
    put(PLACES[project.manager], name);
  }
  const indent = source.match(/^([ \t]+)"/m)?.[1] ?? '  ';
  const newline = source.includes('\r\n') ? '\r\n' : '\n';
  const changed = JSON.stringify(manifest, null, indent).replaceAll('\n', newline);
  return { patch, text: source.endsWith('\n') ? changed + newline : changed, made };
}

/** Writes a change into package.json. */
export function applyChange(project: Project, change: Change): void {
  replaceFile(join(project.directory, 'package.json'), change.text);
}
