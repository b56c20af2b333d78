import { KINDS, record } from '../doctor/graph.js';
import { LIBRARIES, TYPES } from '../libraries.js';

/**
 * Replaces the libraries and their types in a package.json with this package.
 * @returns undefined if it names none of them, or is not JSON
 */
export function rewriteManifest(text: string, version: string): string | undefined {
  let manifest: Record<string, unknown>;
  try {
    manifest = record(JSON.parse(text));
  } catch {
    return undefined;
  }
  const old = [...Object.keys(LIBRARIES), ...TYPES];
  let changed = false;
  for (const kind of KINDS) {
    const dependencies = record(manifest[kind]);
    const gone = old.filter((name) => Object.hasOwn(dependencies, name));
    if (gone.length === 0) continue;
    changed = true;
    const needed = gone.some((name) => !TYPES.includes(name)) && !Object.hasOwn(dependencies, 'omni-ipc');
    const entries = Object.entries(dependencies);
    const sorted = isSorted(entries);
    const first = entries.findIndex(([name]) => gone.includes(name));
    if (needed) entries.splice(first, 0, ['omni-ipc', `^${version}`]);
    const left = entries.filter(([name]) => !gone.includes(name));
    manifest[kind] = Object.fromEntries(sorted ? left.sort(byName) : left);
    if (left.length === 0) delete manifest[kind];
  }
  if (!changed) return undefined;
  const indent = text.match(/^([ \t]+)"/m)?.[1] ?? '  ';
  const lines = JSON.stringify(manifest, null, indent) + (text.endsWith('\n') ? '\n' : '');
  return text.includes('\r\n') ? lines.replaceAll('\n', '\r\n') : lines;
}

type Entry = readonly [name: string, value: unknown];

function byName([a]: Entry, [b]: Entry): number {
  return a < b ? -1 : 1;
}

function isSorted(entries: readonly Entry[]): boolean {
  return entries.every((entry, index) => index === 0 || byName(entries[index - 1] as Entry, entry) < 0);
}
