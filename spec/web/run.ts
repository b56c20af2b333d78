/**
 * The specs that drive the page of `omni-ipc web` in headless Chromium: `npm run test:web`. They are skipped where there is none;
 * CHROMIUM names one that is elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import Jasmine from 'jasmine';
import { watchScopes } from '../support/afterwards.js';
import { Observer } from '../support/observer.js';
import { projectRoot } from '../support/project.js';
import { Reporter } from '../support/reporter.js';

const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'];
const found = names.find((name) => name !== undefined && spawnSync(name, ['--version']).status === 0);

if (found === undefined) console.log('There is no Chromium: the specs of the web view are skipped.');
else {
  process.env.CHROMIUM = found;
  const runner = new Jasmine({ projectBaseDir: projectRoot });
  const reporter = new Reporter(5);
  runner.exitOnCompletion = false;
  runner.clearReporters();
  runner.addReporter(new Observer((outcome) => reporter.take(outcome)));
  runner.env.configure({ random: true, failSpecWithNoExpectations: true });
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000;
  watchScopes();
  runner.addSpecFile(fileURLToPath(new URL('page.js', import.meta.url)));
  const [filter] = process.argv.slice(2);
  await runner.execute([], filter);
  reporter.summarize();
  console.log(`\n${reporter.counts}`);
  process.exit(reporter.isGood ? 0 : 1);
}
