/**
 * Runs the demonstration and the specs, the examples among them, on Node for Windows under Wine:
 * `npm run test:windows -- [part of a spec file's path ...] [--filter=REGEXP on full names] [--seed=N]`
 */
import { inProject } from '../support/project.js';
import { nodeForWindows } from './node.js';
import { Wine, withoutWine } from './wine.js';

/** How long the demonstration and the specs may take, in minutes. */
const DEMO = 2;
const SPECS = 30;

const args = process.argv.slice(2);
const why = withoutWine();
if (why === undefined) process.exitCode = await runAll();
else console.log(`The specs on Windows are skipped: ${why}.`);

async function runAll(): Promise<number> {
  const node = nodeForWindows();
  const wine = new Wine();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      wine.remove();
      process.exit(1);
    });
  try {
    const demo = await wine.run(node, [inProject('example', 'demo', 'demo.js')], DEMO);
    if (demo.code !== 0) console.log(`\nThe demonstration failed with exit code ${demo.code}.`);
    const script = inProject('.build', 'spec', 'support', 'run.js');
    const specs = await wine.run(node, [script, '--wine', ...args], SPECS);
    return demo.code || specs.code;
  } finally {
    wine.remove();
  }
}
