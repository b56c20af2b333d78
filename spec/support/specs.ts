/**
 * Runs the specs in this process. `run.ts` starts it; to debug, start it by hand:
 * `node --inspect .build/spec/support/specs.js`
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Jasmine from 'jasmine';
import { watchScopes } from './afterwards.js';
import { readOptions } from './options.js';
import { built, projectRoot } from './project.js';
import { describe, Reporter } from './reporter.js';
import { WineSkips } from './skips.js';

/** How long the process may live on when all specs are done: nothing should keep it. */
const grace = 3000;

const { files, filter, seed, slowest, wine } = readOptions();
const runner = new Jasmine({ projectBaseDir: projectRoot });
const reporter = new Reporter(Number(slowest));

runner.exitOnCompletion = false;
runner.clearReporters();
runner.addReporter(reporter);
runner.env.configure({ random: true, failSpecWithNoExpectations: true, ...(seed ? { seed } : {}) });
jasmine.DEFAULT_TIMEOUT_INTERVAL = 20_000;
watchScopes();
const skips = wine ? new WineSkips() : undefined;
if (skips) runner.addReporter(skips);
for (const file of specFiles()) runner.addSpecFile(file);
await runner.execute([], filter);

const { counts } = reporter;
const whole = files.length === 0 && filter === undefined;
if (whole) for (const limit of skips?.unused ?? []) console.log(`No spec needs the limit ${limit} of Wine.`);
process.exitCode = counts.failed > 0 ? 1 : 0;
if (process.send) process.send(counts, leave);
else {
  console.log(describe(counts));
  leave();
}

/** Nothing should keep the process now. Where specs have failed something may, and enough has been said. */
function leave(): void {
  if (counts.failed > 0) process.exit();
  if (process.connected) process.disconnect();
  setTimeout(() => {
    console.log(
      `\nAll specs are done, but the process lives on: ${process.getActiveResourcesInfo().join(', ')}`,
    );
    process.exit(1);
  }, grace).unref();
}

/** All of them, or those whose path has a part that was asked for; fixtures only when named in full. */
function specFiles(): string[] {
  const names = readdirSync(join(built, 'spec'), { recursive: true, encoding: 'utf8' })
    .map((name) => join('spec', name))
    .filter((name) => name.endsWith('.spec.js'));
  const wanted = files.map((file) => join(file.replace(/\.ts$/, '.js')));
  const isChosen = (name: string) =>
    name.includes('fixtures')
      ? wanted.includes(name)
      : wanted.length === 0 || wanted.some((part) => name.includes(part));
  return names
    .filter(isChosen)
    .sort()
    .map((name) => join(built, name));
}
