// @ts-check
/**
 * Installs the packed product and runs programs with it in the tools of users.
 * `npm run test:tools` runs all checks. `npm run test:tools -- jest webpack` runs those whose names contain one of the words.
 */
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundlers } from './checks/bundlers.js';
import { compilers } from './checks/compilers.js';
import { runtimes } from './checks/runtimes.js';
import { testRunners } from './checks/test-runners.js';
import { Project } from './project.js';
import { run } from './run-tool.js';

/**
 * @typedef {{ name: string, unless?: string | undefined, run: (project: Project) => Promise<unknown> }} Check
 *   `unless` is the reason why the check cannot run here
 */

const folder = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.argv.slice(2);
/** @type {Check[]} */
const all = [...runtimes, ...testRunners, ...bundlers, ...compilers];
const checks = all.filter(({ name }) => wanted.length === 0 || wanted.some((text) => name.includes(text)));

const counts = { passed: 0, failed: 0, skipped: 0 };
await installTools();
const project = new Project();
for (const [signal, code] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
]))
  process.once(signal, () => {
    project.remove();
    process.exit(code);
  });
try {
  await project.install();
  for (const check of checks) await play(check);
} finally {
  project.remove();
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || checks.length === 0 ? 1 : 0;

async function play(/** @type {Check} */ { name, unless, run }) {
  if (unless !== undefined) {
    counts.skipped++;
    console.log(`${name}: skipped, ${unless}`);
    return;
  }
  const began = performance.now();
  try {
    await run(project);
    counts.passed++;
    console.log(`${name}: ok (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    counts.failed++;
    console.log(`${name}: FAILED\n${error instanceof Error ? error.message : error}`);
  }
}

/** Installs the tools once, in the versions of the lock file. */
async function installTools() {
  const npm = process.env.npm_execpath;
  if (npm === undefined) throw new Error('This script needs npm. Start it with npm run test:tools');
  const installed = `${folder}node_modules/.package-lock.json`;
  if (existsSync(installed) && statSync(installed).mtimeMs > statSync(`${folder}package-lock.json`).mtimeMs)
    return;
  console.log('Installing the tools ...');
  await run(process.execPath, [npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
}
