import {
  dependenciesOf,
  type Graph,
  KINDS,
  type Package,
  RUNTIME_KINDS,
  record,
  split,
  text,
} from './graph.js';
import { readYaml } from './yaml.js';

/** Reads `yarn.lock` of yarn 1 and of yarn berry (2 and later). */
export function readYarnLock(source: string, content: string, manifest: unknown): Graph {
  const entries = content.includes('__metadata:') ? record(readYaml(content)) : readClassic(content);
  const byDescriptor = new Map<string, string>();
  const byName = new Map<string, Set<string>>();
  for (const key of Object.keys(entries)) {
    for (const one of key.split(/,\s*/)) {
      byDescriptor.set(one, key);
      const { name } = split(one);
      byName.set(name, (byName.get(name) ?? new Set()).add(key));
    }
  }
  const packages = new Map<string, Package>();
  const roots = new Set<string>();
  const needs = (entry: unknown, kinds: readonly string[]) =>
    [...dependenciesOf(entry, [...kinds])].flatMap(([name, range]) => {
      const key = byDescriptor.get(`${name}@${range}`) ?? byDescriptor.get(`${name}@npm:${range}`);
      // Catalogs and resolutions replace the range; then it may be each package of that name.
      return key === undefined ? [...(byName.get(name) ?? [])] : [key];
    });
  for (const [key, value] of Object.entries(entries)) {
    if (key === '__metadata') continue;
    const entry = record(value);
    const { name, range } = split(key.split(/,\s*/)[0] ?? '');
    if (/^workspace:/.test(range)) {
      for (const one of needs(entry, KINDS)) roots.add(one);
      continue;
    }
    const alias = /^npm:(@?[^@\s]+)@/.exec(range)?.[1];
    const actual = split(text(entry.resolution)).name || (alias ?? name);
    packages.set(key, {
      name,
      actual,
      version: text(entry.version),
      where: key,
      needs: needs(entry, RUNTIME_KINDS),
    });
  }
  for (const one of needs(manifest, KINDS)) roots.add(one);
  return { source, packages, roots: [...roots] };
}

/** Yarn 1 writes `"a@^1", b@^2:`, followed by indented `key "value"` lines and nested blocks of them. */
function readClassic(content: string): Record<string, unknown> {
  const entries: Record<string, unknown> = Object.create(null);
  let entry: Record<string, unknown> = {};
  let block: Record<string, unknown> | undefined;
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const body = line.trim();
    if (body === '' || body.startsWith('#')) continue;
    const indent = line.length - line.trimStart().length;
    const key = unquoted(body.match(/^("[^"]*"|[^\s"]+)/)?.[0] ?? '');
    if (indent === 0 && body.endsWith(':')) {
      entry = Object.create(null);
      entries[body.slice(0, -1).split(/,\s*/).map(unquoted).join(', ')] = entry;
      block = undefined;
    } else if (indent === 2 && body.endsWith(':')) {
      block = Object.create(null) as Record<string, unknown>;
      entry[key.replace(/:$/, '')] = block;
    } else if (indent === 2 || (indent === 4 && block !== undefined)) {
      const target = indent === 2 ? entry : (block as Record<string, unknown>);
      target[key] = unquoted(body.replace(/^("[^"]*"|[^\s"]+)\s*/, ''));
    } else throw new SyntaxError(`line ${index + 1} is not understood: ${body.slice(0, 60)}`);
  }
  return entries;
}

function unquoted(text: string): string {
  return text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}
