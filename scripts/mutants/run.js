// @ts-check
/**
 * Changes the compiled product in one small place at a time, and reports the changes that no spec detects.
 *
 * `npm run mutants -- lib/conversations` changes every module in that folder. `--sample=200` chooses that many changes at random,
 * and `--seed` repeats a choice. `--specs=REGEXP` runs only those spec files. `--workers=2` sets how many run at a time.
 * `--least=85` sets the score in percent below which the command fails. `--json=FILE` writes the outcome to a file.
 */
import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { coveringOf, covers } from './covering.js';
import { mutationsOf } from './mutations.js';

/**
 * @typedef {import('./mutations.js').Mutation & { name: string, source: string }} Mutant
 * @typedef {import('./covering.js').Covering} Covering
 * @typedef {'noticed' | 'timed out' | 'survived' | 'not covered'} Fate
 */

const root = fileURLToPath(new URL('../..', import.meta.url)).slice(0, -1);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    specs: { type: 'string', default: '' },
    workers: { type: 'string', default: '2' },
    least: { type: 'string', default: '85' },
    json: { type: 'string' },
  },
});

/** Specs of the whole package, of documents and of campaigns. They are too slow for each change, or test something else. */
const LEFT_OUT = /^spec\/(soak|example|package|types|interop|tools|documents|layers)/;

const workers = Array.from({ length: Number(values.workers) }, (_, n) => join(root, `.build-mutants-${n}`));
process.on('SIGINT', () => process.exit(130));
process.on('exit', () => {
  for (const folder of workers) rmSync(folder, { recursive: true, force: true });
});
for (const folder of workers) cpSync(join(root, '.build'), folder, { recursive: true });

const mutants = chosen(modulesBelow(positionals.length > 0 ? positionals : ['lib']).flatMap(mutantsOf));
const specs = specFiles();
console.log(`${mutants.length} changes. Measuring which of ${specs.length} spec files run which code ...`);
/** @type {Covering[]} */
const coverings = [];
await inTurn(specs, async (spec, folder) => {
  const covering = await coveringOf(folder, spec, (files, env, timeout) => run(folder, files, env, timeout));
  if (covering === undefined) console.log(`Skipped, because it fails without a change: ${spec}`);
  else coverings.push(covering);
});

/** @type {{ fate: Fate, where: string, what: string }[]} */
const outcome = [];
await inTurn(mutants, async (mutant, folder) => {
  const fate = await fateOf(mutant, folder);
  const result = { fate, where: placeOf(mutant), what: mutant.what };
  outcome.push(result);
  if (fate === 'survived' || fate === 'not covered') console.log(`${fate}: ${result.where}  ${result.what}`);
});

const noticed = outcome.filter(({ fate }) => fate === 'noticed' || fate === 'timed out').length;
const score = outcome.length === 0 ? 100 : (100 * noticed) / outcome.length;
if (values.json) writeFileSync(values.json, `${JSON.stringify(outcome, undefined, 1)}\n`);
console.log(`\n${noticed} of ${outcome.length} changes were detected: ${score.toFixed(1)} %`);
if (score < Number(values.least)) {
  console.log(`That is less than ${values.least} %.`);
  process.exitCode = 1;
}

/** Passes each item to the next free worker. */
async function inTurn(
  /** @type {any[]} */ items,
  /** @type {(item: any, folder: string) => Promise<void>} */ work,
) {
  let next = 0;
  await Promise.all(
    workers.map(async (folder) => {
      while (next < items.length) await work(items[next++], folder);
    }),
  );
}

/** @returns {string[]} the compiled modules whose path starts with one of the given paths */
function modulesBelow(/** @type {string[]} */ wanted) {
  const starts = wanted.map((path) => path.replace(/\.ts$/, '.js'));
  return ['lib', 'services', 'entities']
    .flatMap((folder) => filesBelow(folder))
    .filter((name) => name.endsWith('.js') && starts.some((start) => name.startsWith(start)));
}

/** @returns {string[]} */
function filesBelow(/** @type {string} */ folder) {
  const names = readdirSync(join(root, '.build', folder), { recursive: true, encoding: 'utf8' });
  return names.map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
}

function specFiles() {
  return filesBelow('spec').filter(
    (name) =>
      name.endsWith('.spec.js') &&
      !name.includes('fixtures') &&
      !LEFT_OUT.test(name) &&
      new RegExp(values.specs).test(name),
  );
}

/** @returns {Mutant[]} */
function mutantsOf(/** @type {string} */ name) {
  const source = readFileSync(join(root, '.build', name), 'utf8');
  return mutationsOf(source).map((mutation) => ({ ...mutation, name, source }));
}

/** Returns all changes, or a sample that the seed determines. */
function chosen(/** @type {Mutant[]} */ all) {
  if (values.sample === undefined) return all;
  let state = Number(values.seed) >>> 0 || 1;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return all
    .map((mutant) => ({ mutant, order: random() }))
    .sort((one, other) => one.order - other.order)
    .slice(0, Number(values.sample))
    .map(({ mutant }) => mutant);
}

/**
 * First runs the spec file with the name of the module, then all others that run the changed code.
 * @returns {Promise<Fate>}
 */
async function fateOf(/** @type {Mutant} */ mutant, /** @type {string} */ folder) {
  const own = `spec/${mutant.name.replace(/\.js$/, '.spec.js')}`;
  const covering = coverings.filter((one) => covers(one, mutant.name, mutant.start));
  if (covering.length === 0) return 'not covered';
  const file = join(folder, mutant.name);
  const { source, start, end, text } = mutant;
  writeFileSync(file, source.slice(0, start) + text + source.slice(end));
  try {
    const rest = covering.filter(({ spec }) => spec !== own);
    for (const group of [covering.filter(({ spec }) => spec === own), rest]) {
      if (group.length === 0) continue;
      const usual = group.reduce((sum, { duration }) => sum + duration, 0);
      const passed = await run(
        folder,
        group.map(({ spec }) => spec),
        {},
        10_000 + 3 * usual,
      );
      if (passed !== true) return passed === undefined ? 'timed out' : 'noticed';
    }
    return 'survived';
  } finally {
    writeFileSync(file, source);
  }
}

/**
 * Runs some spec files.
 * @returns {Promise<any>} whether they passed, or undefined if they did not end in time
 */
function run(
  /** @type {string} */ folder,
  /** @type {string[]} */ files,
  /** @type {NodeJS.ProcessEnv} */ env,
  /** @type {number} */ timeout,
) {
  const child = spawn(process.execPath, [join(folder, 'spec/support/specs.js'), '--fail-fast', ...files], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: 'ignore',
    detached: true,
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child.pid);
  }, timeout);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      clearTimeout(timer);
      endGroup(child.pid);
      resolve(late ? undefined : code === 0);
    });
  });
}

/** Kills a run and the processes that it started. */
function endGroup(/** @type {number | undefined} */ pid) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All processes have ended.
  }
}

/** Returns the place of a change in the TypeScript source. */
function placeOf(/** @type {Mutant} */ { name, source, start }) {
  const before = source.slice(0, start).split('\n');
  const map = new SourceMap(JSON.parse(readFileSync(join(workers[0] ?? '', `${name}.map`), 'utf8')));
  const entry = map.findEntry(before.length - 1, before.at(-1)?.length ?? 0);
  const line = 'originalLine' in entry ? entry.originalLine + 1 : before.length;
  return `${name.replace(/\.js$/, '.ts')}:${line}`;
}
