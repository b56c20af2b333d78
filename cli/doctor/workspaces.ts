import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { record } from './graph.js';
import { PNPM_WORKSPACE } from './pnpm-workspace.js';
import { readSettings } from './settings.js';

/** How many folders are searched for workspaces. */
const MOST_FOLDERS = 10_000;

/**
 * The folders of a project's workspaces: those that have a package.json and match a pattern in its manifest or in
 * pnpm-workspace.yaml, but none of the patterns with a `!`.
 * @throws Failure if pnpm-workspace.yaml cannot be read
 */
export function workspacesOf(project: string, manifest: unknown): string[] {
  const patterns = [...patternsIn(manifest), ...listed(readSettings(project, PNPM_WORKSPACE)?.packages)];
  const found = new Set<string>();
  for (const pattern of patterns.filter((one) => !one.startsWith('!'))) {
    for (const folder of matching(project, pattern))
      if (existsSync(join(folder, 'package.json'))) found.add(folder);
    if (found.size > MOST_FOLDERS) break;
  }
  for (const pattern of patterns.filter((one) => one.startsWith('!')))
    for (const folder of matching(project, pattern.slice(1))) found.delete(folder);
  found.delete(project);
  return [...found];
}

function patternsIn(manifest: unknown): string[] {
  const { workspaces } = record(manifest);
  return listed(Array.isArray(workspaces) ? workspaces : record(workspaces).packages);
}

function listed(patterns: unknown): string[] {
  return Array.isArray(patterns) ? patterns.filter((one) => typeof one === 'string') : [];
}

function* matching(project: string, pattern: string): Generator<string> {
  for (const one of alternatives(pattern)) {
    const steps = one.split('/').filter((step) => step !== '' && step !== '.');
    yield* reached(project, steps);
  }
}

/** `a/{b,c}` means `a/b` and `a/c`. */
function alternatives(pattern: string): string[] {
  const [, before, inside, after] = pattern.match(/^(.*?)\{([^{}]*)\}(.*)$/) ?? [];
  if (before === undefined || inside === undefined) return [pattern];
  return inside.split(',').flatMap((one) => alternatives(`${before}${one}${after}`));
}

/** The folders that the steps of a pattern lead to: `*` matches within a name, `**` any number of folders. */
function* reached(folder: string, [step, ...rest]: readonly string[]): Generator<string> {
  if (step === undefined) {
    yield folder;
    return;
  }
  if (step === '**') yield* reached(folder, rest);
  if (!step.includes('*')) {
    if (existsSync(join(folder, step))) yield* reached(join(folder, step), rest);
    return;
  }
  const name = new RegExp(`^${step.split(/\*+/).map(literal).join('.*')}$`);
  for (const entry of foldersIn(folder)) {
    if (name.test(entry)) yield* reached(join(folder, entry), step === '**' ? [step, ...rest] : rest);
  }
}

function literal(text: string): string {
  return text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&');
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
