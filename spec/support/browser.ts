import { spawnSync } from 'node:child_process';
import Jasmine from 'jasmine';
import { type Browser, chromium } from 'playwright-core';
import { watchScopes } from './afterwards.js';
import { Observer } from './observer.js';
import { projectRoot } from './project.js';
import { Reporter } from './reporter.js';

/**
 * Runs a file of specs that use headless Chromium, and ends the process with their counts. The specs are skipped if there is no
 * Chromium. The environment variable CHROMIUM names one at another path.
 * @param what the subject of the specs, for the message that they are skipped
 */
export async function runWithBrowser(file: string, what: string): Promise<void> {
  const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'];
  const found = names.find((name) => name !== undefined && spawnSync(name, ['--version']).status === 0);
  if (found === undefined) {
    console.log(`There is no Chromium: the specs of ${what} are skipped.`);
    return;
  }
  process.env.CHROMIUM = found;
  const runner = new Jasmine({ projectBaseDir: projectRoot });
  const reporter = new Reporter(5);
  runner.exitOnCompletion = false;
  runner.clearReporters();
  runner.addReporter(new Observer((outcome) => reporter.take(outcome)));
  runner.env.configure({ random: true, failSpecWithNoExpectations: true });
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 120_000;
  watchScopes();
  runner.addSpecFile(file);
  const [filter] = process.argv.slice(2);
  await runner.execute([], filter);
  reporter.summarize();
  console.log(`\n${reporter.counts}`);
  process.exit(reporter.isGood ? 0 : 1);
}

/** Returns the path of the Chromium that {@link runWithBrowser} has found. */
export function launchBrowser(): Promise<Browser> {
  const executable = String(process.env.CHROMIUM);
  const executablePath = executable.startsWith('/') ? executable : pathOf(executable);
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

function pathOf(command: string): string {
  return spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).stdout.trim();
}
