import { existsSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { replaceFile } from '../files/replace-file.js';
import { ALIASED } from '../libraries.js';
import { catalogEntries } from './catalogs.js';
import { type Change, Draft } from './draft.js';
import { KINDS, record, text } from './graph.js';
import { MANIFEST, readManifest } from './manifest.js';
import { hasOverridesInWorkspaceFile, PNPM_WORKSPACE } from './pnpm-workspace.js';
import type { Project } from './project.js';
import { workspacesOf } from './workspaces.js';

/**
 * The changes of a project's files that replace the named packages with this one, for every dependent.
 * @param names the packages that were found
 * @param version the version of this package
 * @throws Failure if a file cannot be changed
 */
export function changesFor(project: Project, names: readonly string[], version: string): Change[] {
  const replaced = ALIASED.filter((name) => names.includes(name));
  if (replaced.length === 0) return [];
  const alias = `npm:omni-ipc@^${version}`;
  const drafts = new Map<string, Draft>();
  const put = (file: string, path: readonly string[]) => {
    const draft = drafts.get(file) ?? new Draft(project.directory, file);
    drafts.set(file, draft);
    draft.put(path, alias);
  };
  for (const folder of [project.directory, ...workspacesOf(project.directory, project.manifest)]) {
    const isRoot = folder === project.directory;
    const file = relative(project.directory, join(folder, MANIFEST)).replaceAll(sep, '/');
    for (const path of dependenciesToChange(readManifest(folder), replaced, isRoot)) put(file, path);
  }
  for (const { file, path, range } of catalogEntries(project))
    if (replaced.includes(aliasedIn(range))) put(file, path);
  const place = overridesOf(project);
  for (const name of replaced) put(place.file, [...place.path, name]);
  return [...drafts.values()].map((draft) => draft.change());
}

/** Writes the changes that are not made yet. */
export function applyChanges(project: Project, changes: readonly Change[]): void {
  for (const { file, text: content, made } of changes) {
    const path = join(project.directory, file);
    if (made) continue;
    if (existsSync(path)) replaceFile(path, content);
    else writeFileSync(path, content);
  }
}

/** The place where the package manager reads replacements of packages. */
function overridesOf({ directory, manager, manifest }: Project): { file: string; path: readonly string[] } {
  if (manager === 'yarn') return { file: MANIFEST, path: ['resolutions'] };
  if (manager !== 'pnpm') return { file: MANIFEST, path: ['overrides'] };
  return hasOverridesInWorkspaceFile(directory, manifest)
    ? { file: PNPM_WORKSPACE, path: ['overrides'] }
    : { file: MANIFEST, path: ['pnpm', 'overrides'] };
}

/**
 * The dependencies that state the replacement themselves. An override applies to a name, so it does not reach a dependency
 * that has another name: `"old": "npm:node-ipc@9"`. And npm refuses an override that differs from the project's own dependency.
 * @param isRoot whether the manifest is the project's own, and not a workspace's
 */
function* dependenciesToChange(
  manifest: Record<string, unknown>,
  replaced: readonly string[],
  isRoot: boolean,
): Generator<string[]> {
  for (const kind of KINDS) {
    // What a published workspace asks of its users stays as it is.
    if (kind === 'peerDependencies' && !isRoot) continue;
    for (const [name, value] of Object.entries(record(manifest[kind]))) {
      const range = text(value);
      const own = replaced.includes(name) && !/^(catalog|workspace):/.test(range);
      if (own || replaced.includes(aliasedIn(range))) yield [kind, name];
    }
  }
}

/** The package that a range like `npm:node-ipc@9` is an alias of; empty if it is not an alias. */
function aliasedIn(range: string): string {
  return /^npm:(@?[^@]+)(@|$)/.exec(range)?.[1] ?? '';
}
