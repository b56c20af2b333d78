import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { record, text } from './graph.js';
import { readSettings } from './settings.js';

/** The file of pnpm's workspaces, and since pnpm 10.5 of its settings. */
export const PNPM_WORKSPACE = 'pnpm-workspace.yaml';

/** The first pnpm that reads overrides from pnpm-workspace.yaml. */
const READS_OVERRIDES = 10.05;
/** The first pnpm that no longer reads them from package.json. */
const ONLY_THERE = 11;
/** The lock files since pnpm 9. */
const RECENT_LOCK = 9;

/**
 * Whether pnpm reads the overrides of a project from pnpm-workspace.yaml. Up to 10.4 it reads those in package.json only, up
 * to 10 it prefers these, and since 11 it ignores them.
 */
export function hasOverridesInWorkspaceFile(project: string, manifest: Record<string, unknown>): boolean {
  const used = versionOf(project, manifest);
  const inManifest = record(manifest.pnpm).overrides !== undefined;
  if (used !== undefined) return used >= ONLY_THERE || (used >= READS_OVERRIDES && !inManifest);
  if (readSettings(project, PNPM_WORKSPACE)?.overrides !== undefined) return true;
  return !inManifest && lockVersion(project) >= RECENT_LOCK;
}

/** The version of pnpm that the project states or that has installed it, as a number: 10.5 is 10.05. */
function versionOf(project: string, manifest: Record<string, unknown>): number | undefined {
  const stated = text(manifest.packageManager);
  const [, major, minor] =
    /pnpm@(\d+)\.(\d+)/.exec(stated) ?? /pnpm@(\d+)\.(\d+)/.exec(installer(project)) ?? [];
  return major === undefined ? undefined : Number(major) + Number(minor) / 100;
}

function installer(project: string): string {
  return /packageManager.*/.exec(contentOf(join(project, 'node_modules', '.modules.yaml')))?.[0] ?? '';
}

/** Without a lock file, it is that of a recent pnpm. */
function lockVersion(project: string): number {
  const [, version] =
    /^lockfileVersion:\s*'?([\d.]+)/m.exec(contentOf(join(project, 'pnpm-lock.yaml'))) ?? [];
  return version === undefined ? RECENT_LOCK : Number(version);
}

function contentOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
