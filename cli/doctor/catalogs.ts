import { record, text } from './graph.js';
import { MANIFEST } from './manifest.js';
import { PNPM_WORKSPACE } from './pnpm-workspace.js';
import type { Project } from './project.js';
import { readSettings } from './settings.js';

/** A range that `catalog:` stands for in the dependencies of a project and its workspaces. */
export interface CatalogEntry {
  /** The file that has it. */
  readonly file: string;
  /** The keys that lead to it. */
  readonly path: readonly string[];
  readonly range: string;
}

const FILES = { npm: MANIFEST, bun: MANIFEST, pnpm: PNPM_WORKSPACE, yarn: '.yarnrc.yml' } as const;

/** All entries of the catalogs of a project. */
export function catalogEntries({ directory, manager, manifest }: Project): CatalogEntry[] {
  const file = FILES[manager];
  const settings = file === MANIFEST ? manifest : record(readSettings(directory, file));
  // Bun reads them beside the patterns of the workspaces, too.
  const { workspaces } = settings;
  return [...entriesIn(file, [], settings), ...entriesIn(file, ['workspaces'], record(workspaces))];
}

function entriesIn(file: string, above: readonly string[], holder: Record<string, unknown>): CatalogEntry[] {
  const named = Object.entries(record(holder.catalogs)).map(
    ([name, catalog]) => [['catalogs', name], catalog] as const,
  );
  return [[['catalog'], holder.catalog] as const, ...named].flatMap(([path, catalog]) =>
    Object.entries(record(catalog)).map(([name, range]) => ({
      file,
      path: [...above, ...path, name],
      range: text(range),
    })),
  );
}
