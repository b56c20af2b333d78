// @ts-check
/**
 * `npm run release:check` runs every check that a release needs, and does not publish.
 * `--bench` also checks the speed (`npm run bench:check`). `--skip=STEP,STEP` skips steps, to investigate one that failed.
 * The last line says if steps were skipped.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultsOfAudit, faultsOfPack, faultsOfVersion } from './release.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const npm = process.env.npm_execpath;
if (npm === undefined) throw new Error('This script needs npm. Start it with npm run release:check');
const { values } = parseArgs({
  options: { bench: { type: 'boolean', default: false }, skip: { type: 'string', default: '' } },
});
const skipped = values.skip.split(',').filter((name) => name !== '');
const { version } = json('package.json');
const folder = mkdtempSync(join(tmpdir(), 'oi-release-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** @typedef {{ name: string, about: string, vital?: boolean, run: () => readonly string[] }} Step `run` returns the faults that it found */

/** @type {Step[]} */
const steps = [
  {
    name: 'tree',
    about: 'the working tree is clean',
    run: () => said('git', 'status', '--porcelain').map((line) => `not committed: ${line}`),
  },
  {
    name: 'version',
    about: 'version, lock file and changelog agree, and the tag is free',
    run: () => [
      ...faultsOfVersion(json('package.json'), json('package-lock.json'), text('CHANGELOG.md')),
      ...said('git', 'tag', '--list', `v${version}`).map((tag) => `the tag ${tag} exists; raise the version`),
    ],
  },
  { name: 'ci', about: 'npm ci', vital: true, run: () => npmRun('ci') },
  {
    name: 'audit',
    about: 'npm audit of the run-time dependencies',
    run: () => faultsOfAudit(outcome(process.execPath, [npm, 'audit', '--omit=dev', '--json']).stdout),
  },
  { name: 'lint', about: 'npm run lint', run: () => npmRun('run', 'lint') },
  { name: 'build', about: 'npm run build', vital: true, run: () => npmRun('run', 'build') },
  {
    name: 'pack',
    about: 'all files in the package were reviewed',
    vital: true,
    run: () => {
      const faults = npmRun('pack', '--ignore-scripts', '--pack-destination', folder);
      if (faults.length > 0) return faults;
      const names = said('tar', '-tzf', tarball()).map((name) => name.replace(/^package\//, ''));
      console.log(`  ${names.length} files`);
      return faultsOfPack(names);
    },
  },
  { name: 'publint', about: 'publint', run: () => node('publint/src/cli.js', 'run', tarball(), '--strict') },
  {
    name: 'attw',
    about: 'types under every module resolution',
    run: () => node('@arethetypeswrong/cli/dist/index.js', tarball()),
  },
  { name: 'test', about: 'npm test', run: () => npmRun('test') },
  { name: 'web', about: 'npm run test:web', run: () => npmRun('run', 'test:web') },
  { name: 'docs', about: 'npm run test:docs', run: () => npmRun('run', 'test:docs') },
  { name: 'tools', about: 'npm run test:tools', run: () => npmRun('run', 'test:tools') },
  {
    name: 'matrix',
    about: 'the specs on the oldest and the newest Node',
    run: () => npmRun('run', 'test:matrix', '--', '--oldest-newest'),
  },
  ...(values.bench
    ? [{ name: 'bench', about: 'npm run bench:check', run: () => npmRun('run', 'bench:check') }]
    : []),
];

const unknown = skipped.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `Unknown steps: ${unknown.join(', ')}. The steps are: ${steps.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

/** @type {string[]} */
const failed = [];
for (const step of steps) {
  if (skipped.includes(step.name)) {
    console.log(`${step.name}: skipped`);
    continue;
  }
  console.log(`${step.name}: ${step.about} ...`);
  const began = performance.now();
  const faults = step.run();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  for (const fault of faults) console.log(`  ${fault.replaceAll('\n', '\n  ')}`);
  console.log(`${step.name}: ${faults.length === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  if (faults.length === 0) continue;
  failed.push(step.name);
  if (step.vital) break;
}

if (failed.length > 0) console.log(`\nNot ready: ${failed.join(', ')} failed.`);
else if (skipped.length > 0)
  console.log(`\nThe check is incomplete: ${skipped.join(', ')} skipped. All other steps passed.`);
else console.log(`\n${version} is ready: tag v${version} and publish the release.`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Runs a command to its end. @returns its output if it failed, otherwise nothing */
function command(/** @type {string} */ file, /** @type {readonly string[]} */ args) {
  const { status, stdout, stderr, error } = outcome(file, args);
  return status === 0 ? [] : [`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`.trim().slice(-4000)];
}

function outcome(/** @type {string} */ file, /** @type {readonly string[]} */ args) {
  return spawnSync(file, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
}

function npmRun(/** @type {string[]} */ ...args) {
  return command(process.execPath, [/** @type {string} */ (npm), ...args]);
}

function node(/** @type {string} */ script, /** @type {string[]} */ ...args) {
  return command(process.execPath, [join(root, 'node_modules', script), ...args]);
}

/** Runs a command to its end. @returns the lines that it printed */
function said(/** @type {string} */ file, /** @type {string[]} */ ...args) {
  const { status, stdout, stderr } = outcome(file, args);
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${stderr}`);
  return stdout.split('\n').filter((line) => line !== '');
}

function tarball() {
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none');
}

function text(/** @type {string} */ name) {
  return readFileSync(join(root, name), 'utf8');
}

function json(/** @type {string} */ name) {
  return JSON.parse(text(name));
}
