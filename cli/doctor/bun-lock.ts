import { dependenciesOf, type Graph, type Package, RUNTIME_KINDS, record, split, text } from './graph.js';

/** Reads `bun.lock`, which is JSON with trailing commas. */
export function readBunLock(source: string, content: string): Graph {
  const lock = record(JSON.parse(withoutTrailingCommas(content)));
  const entries = record(lock.packages);
  const packages = new Map<string, Package>();
  for (const [key, value] of Object.entries(entries)) {
    const [id, ...rest] = Array.isArray(value) ? value : [];
    const { name: actual, range: version } = split(text(id));
    const names = namesOf(key);
    const details = rest.find((one) => typeof one === 'object' && one !== null);
    const needs = [...dependenciesOf(details, RUNTIME_KINDS).keys()]
      .map((name) => resolved(name, names, entries))
      .filter((one) => one !== undefined);
    packages.set(key, { name: names.at(-1) ?? key, actual, version, where: key, needs });
  }
  const roots = Object.entries(record(lock.workspaces)).flatMap(([path, workspace]) => {
    // The dependencies of a workspace that differ from the project's own are nested in the workspace's name.
    const from = path === '' ? [] : [text(record(workspace).name)];
    return [...dependenciesOf(workspace).keys()]
      .map((name) => resolved(name, from, entries))
      .filter((key) => key !== undefined);
  });
  return { source, packages, roots: [...new Set(roots)] };
}

/** The package names in a key, the outermost first: `a/@b/c` is `@b/c` installed in `a`. */
function namesOf(key: string): string[] {
  return key.match(/@[^/]+\/[^/]+|[^/]+/g) ?? [];
}

function resolved(
  name: string,
  from: readonly string[],
  entries: Record<string, unknown>,
): string | undefined {
  for (let depth = from.length; depth >= 0; depth--) {
    const key = [...from.slice(0, depth), name].join('/');
    if (key in entries) return key;
  }
  return undefined;
}

function withoutTrailingCommas(source: string): string {
  return source.replace(/"(?:[^"\\]|\\.)*"|,(?=\s*[\]}])|\/\/.*$/gm, (found) =>
    found.startsWith('"') ? found : '',
  );
}
