// @ts-check
/** Finds out which spec files run which code, from the coverage that V8 records for each spec file separately. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The parts of a module that ran, as V8 reports them: nested ranges, of which the innermost applies.
 * @typedef {{ startOffset: number, endOffset: number, count: number }} Range
 * @typedef {{ spec: string, duration: number, modules: Map<string, Range[][]> }} Covering
 */

/**
 * @param {string} built the folder of the compiled project
 * @param {string} spec a compiled spec file in it
 * @param {(spec: string[], env: NodeJS.ProcessEnv, timeout: number) => Promise<boolean>} run
 * @returns {Promise<Covering | undefined>} undefined if the specs fail without a change
 */
export async function coveringOf(built, spec, run) {
  const data = mkdtempSync(join(tmpdir(), 'omni-ipc-mutants-'));
  try {
    const begun = performance.now();
    if (!(await run([spec], { NODE_V8_COVERAGE: data }, 120_000))) return undefined;
    const duration = performance.now() - begun;
    /** @type {Map<string, Range[][]>} */
    const modules = new Map();
    for (const file of readdirSync(data)) {
      for (const { url, functions } of JSON.parse(readFileSync(join(data, file), 'utf8')).result) {
        const name = moduleOf(built, url);
        if (name === undefined) continue;
        const ranges = functions.flatMap((/** @type {{ ranges: Range[] }} */ one) => one.ranges);
        modules.set(name, [...(modules.get(name) ?? []), ranges]);
      }
    }
    return { spec, duration, modules };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** Returns whether a spec file runs the code at an offset of a module. */
export function covers(
  /** @type {Covering} */ { modules },
  /** @type {string} */ name,
  /** @type {number} */ at,
) {
  return (modules.get(name) ?? []).some((ranges) => {
    /** @type {Range | undefined} */
    let innermost;
    for (const range of ranges) {
      if (range.startOffset > at || range.endOffset <= at) continue;
      if (innermost === undefined || size(range) <= size(innermost)) innermost = range;
    }
    return innermost !== undefined && innermost.count > 0;
  });
}

function size(/** @type {Range} */ { startOffset, endOffset }) {
  return endOffset - startOffset;
}

/** Returns the path of a module in the compiled project, or undefined if the module does not belong to the product. */
function moduleOf(/** @type {string} */ built, /** @type {string} */ url) {
  if (!url.startsWith('file:')) return undefined;
  const path = fileURLToPath(url);
  if (!path.startsWith(built + sep)) return undefined;
  const name = path
    .slice(built.length + 1)
    .split(sep)
    .join('/');
  return name.startsWith('spec/') ? undefined : name;
}
