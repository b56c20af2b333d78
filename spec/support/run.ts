/** Runs the specs in separate processes, several at a time, reports their coverage on request, and prints the counts last. */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './observer.js';
import { readOptions } from './options.js';
import { inProject, projectRoot } from './project.js';
import { Reporter } from './reporter.js';
import { staleLimits } from './skips.js';
import { deal, specFiles } from './spec-files.js';

const {
  coverage,
  files,
  filter,
  jobs,
  seed = 1 + Math.floor(Math.random() * 99_999),
  slowest,
  wine,
} = readOptions();
const data = inProject('coverage', 'tmp');
const whole = files.length === 0 && filter === undefined;
const reporter = new Reporter(slowest);

console.log(`Seed ${seed} (the same order again: --seed=${seed})\n`);
if (coverage) rmSync(data, { recursive: true, force: true });
const hands = deal(specFiles(files), seed);
await Promise.all(Array.from({ length: jobs }, runHands));
reporter.summarize();
if (whole)
  for (const start of staleLimits(reporter.names))
    console.log(`\nspec/windows/limits.ts has a limit of Wine for ${start}, but no spec has that name.`);
const covered = !coverage || reportCoverage();
if (!covered) console.log('\nThe coverage is below its thresholds.');
console.log(`\n${reporter.counts}`);
process.exitCode = covered && reporter.isGood ? 0 : 1;

async function runHands(): Promise<void> {
  for (let hand = hands.shift(); hand; hand = hands.shift()) await runSpecs(hand);
}

/** Runs spec files in a process. A process that crashes, or does not end when it should, also counts as a failure. */
async function runSpecs(hand: readonly string[]): Promise<void> {
  const options = [`--seed=${seed}`, ...(filter === undefined ? [] : [`--filter=${filter}`])];
  if (wine) options.push('--wine');
  const specs = fork(fileURLToPath(new URL('specs.js', import.meta.url)), [...options, ...hand], {
    cwd: projectRoot,
    execArgv: ['--enable-source-maps'],
    env: { ...process.env, ...(coverage ? { NODE_V8_COVERAGE: data } : {}) },
  });
  let done = false;
  let failed = false;
  specs.on('message', (message: Outcome | 'done') => {
    if (message === 'done') done = true;
    else {
      failed ||= message.status === 'failed';
      reporter.take(message);
    }
  });
  const [[code, signal]] = await Promise.all([once(specs, 'exit'), once(specs, 'disconnect')]);
  if (done && (code === 0 || failed)) return;
  const message = `The process failed (${signal ?? `exit code ${code}`}). It ran these files:\n${hand.join('\n')}`;
  reporter.take({
    status: 'failed',
    name: 'A process of specs',
    duration: 0,
    failures: [{ message, stack: '' }],
  });
}

/** @returns whether the coverage meets the thresholds of .c8rc.json; a run of only some specs need not meet them */
function reportCoverage(): boolean {
  const args = [inProject('node_modules', 'c8', 'bin', 'c8.js'), 'report', `--check-coverage=${whole}`];
  return spawnSync(process.execPath, args, { cwd: projectRoot, stdio: 'inherit' }).status === 0;
}
