/**
 * Runs the demonstration and the specs, also those of the examples, on Node for Windows under Wine. Then runs conversations of
 * Node for Windows with Node of this system:
 * `npm run test:windows -- [part of a spec file's path ...] [--filter=REGEXP on full names] [--seed=N]`
 */
import { inProject } from '../support/project.js';
import { talkAcross } from './across.js';
import { CannotRun } from './cannot-run.js';
import { nodeForWindows } from './node.js';
import { Wine, withoutWine } from './wine.js';

/** The time limits of the demonstration and the specs, in minutes. */
const DEMO = 2;
const SPECS = 60;

const args = process.argv.slice(2);
const why = withoutWine() ?? (await whyNot());
if (why !== undefined) console.log(`The specs on Windows are skipped: ${why}.`);

/** Runs everything, and sets the exit code. Returns the reason if that is not possible on this machine. */
async function whyNot(): Promise<string | undefined> {
  try {
    const node = nodeForWindows();
    const wine = new Wine();
    process.exitCode = await runAll(wine, node);
    return undefined;
  } catch (error) {
    if (error instanceof CannotRun) return error.message;
    throw error;
  }
}

async function runAll(wine: Wine, node: string): Promise<number> {
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
    const across = await talkAcross(wine, node);
    return demo.code || specs.code || across;
  } finally {
    wine.remove();
  }
}
