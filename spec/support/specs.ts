/**
 * Runs specs in this process. `run.ts` starts it. To debug specs, start it by hand:
 * `node --inspect .build/spec/support/specs.js lib/framing`
 */
import { join } from 'node:path';
import Jasmine from 'jasmine';
import { watchScopes } from './afterwards.js';
import { Observer, type Outcome } from './observer.js';
import { readOptions } from './options.js';
import { built, projectRoot } from './project.js';
import { Reporter } from './reporter.js';
import { WineSkips } from './skips.js';
import { specFiles } from './spec-files.js';

/** The time in milliseconds within which the process must exit after the last spec. */
const grace = Number(process.env.SPEC_GRACE ?? 30_000);

const { files, filter, seed, slowest, wine, 'fail-fast': stopOnSpecFailure } = readOptions();
const runner = new Jasmine({ projectBaseDir: projectRoot });
const reporter = new Reporter(slowest);
let failed = false;

runner.exitOnCompletion = false;
runner.clearReporters();
runner.addReporter(new Observer(tell));
runner.env.configure({
  random: true,
  failSpecWithNoExpectations: true,
  stopOnSpecFailure,
  ...(seed ? { seed } : {}),
});
// Specs start processes, which is slow under Wine and on a busy machine.
jasmine.DEFAULT_TIMEOUT_INTERVAL = 300_000;
watchScopes();
if (wine) runner.addReporter(new WineSkips());
for (const file of specFiles(files)) runner.addSpecFile(join(built, file));
await runner.execute([], filter);

process.exitCode = failed ? 1 : 0;
if (process.send) process.send('done', leave);
else {
  reporter.summarize();
  console.log(`\n${reporter.counts}`);
  leave();
}

function tell(outcome: Outcome): void {
  failed ||= outcome.status === 'failed';
  if (process.send) process.send(outcome);
  else reporter.take(outcome);
}

/** Reports a process that does not exit. After failed specs it reports nothing, because these may have left resources. */
function leave(): void {
  if (failed) process.exit();
  if (process.connected) process.disconnect();
  setTimeout(() => {
    console.log(
      `\nAll specs are done, but the process lives on: ${process.getActiveResourcesInfo().join(', ')}`,
    );
    process.exit(1);
  }, grace).unref();
}
