/** Runs the specs in a process of their own, reports their coverage if asked to, and ends with the counts. */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readOptions } from './options.js';
import { inProject, projectRoot } from './project.js';
import { type Counts, describe } from './reporter.js';

const { coverage, files, filter } = readOptions();
const data = inProject('coverage', 'tmp');

const counts = await runSpecs();
const covered = !coverage || reportCoverage();
if (counts.passed + counts.failed === 0) console.log('\nNo spec has run.');
if (!covered) console.log('\nThe coverage is below its thresholds.');
console.log(`\n${describe(counts)}`);
process.exitCode = covered && counts.failed === 0 && counts.passed > 0 ? 0 : 1;

/** A run that breaks off, or does not end when it should, counts as a failure too. */
async function runSpecs(): Promise<Counts> {
  if (coverage) rmSync(data, { recursive: true, force: true });
  const specs = fork(fileURLToPath(new URL('specs.js', import.meta.url)), process.argv.slice(2), {
    cwd: projectRoot,
    execArgv: ['--enable-source-maps'],
    env: { ...process.env, ...(coverage ? { NODE_V8_COVERAGE: data } : {}) },
  });
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  specs.once('message', (message) => Object.assign(counts, message));
  const [code, signal] = await once(specs, 'exit');
  if (code !== 0 && counts.failed === 0) {
    console.log(`\nThe specs' process ended badly (${signal ?? `exit code ${code}`}).`);
    counts.failed = 1;
  }
  return counts;
}

/** @returns whether the thresholds of .c8rc.json are met; part of the specs need not meet them */
function reportCoverage(): boolean {
  const whole = files.length === 0 && filter === undefined;
  const args = [inProject('node_modules', 'c8', 'bin', 'c8.js'), 'report', `--check-coverage=${whole}`];
  return spawnSync(process.execPath, args, { cwd: projectRoot, stdio: 'inherit' }).status === 0;
}
