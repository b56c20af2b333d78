import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { record } from './graph.js';

/** How many folders are searched for workspaces. */
const MOST_FOLDERS = 10_000;

/** The folders of a project's workspaces: those that match the patterns in its manifest and have a package.json. */
export function workspacesOf(project: string, manifest: unknown): string[] {
  const { workspaces } = record(manifest);
  const patterns = Array.isArray(workspaces) ? workspaces : record(workspaces).packages;
  if (!Array.isArray(patterns)) return [];
  const found = new Set<string>();
  for (const pattern of patterns) {
    if (typeof pattern !== 'string' || pattern.startsWith('!')) continue;
    const steps = pattern.split('/').filter((step) => step !== '' && step !== '.');
    for (const folder of matching(project, steps))
      if (existsSync(join(folder, 'package.json'))) found.add(folder);
    if (found.size > MOST_FOLDERS) break;
  }
  found.delete(project);
  return [...found];
}

/** The folders that the steps of a pattern lead to: `*` matches within a name, `**` any number of folders. */
function* matching(folder: string, [step, ...rest]: readonly string[]): Generator<string> {
  if (step === undefined) {
    yield folder;
    return;
  }
  if (step === '**') yield* matching(folder, rest);
  if (!step.includes('*')) {
    if (existsSync(join(folder, step))) yield* matching(join(folder, step), rest);
    return;
  }
  const name = new RegExp(`^${step.split(/\*+/).map(literal).join('.*')}$`);
  for (const entry of foldersIn(folder)) {
    if (name.test(entry)) yield* matching(join(folder, entry), step === '**' ? [step, ...rest] : rest);
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
