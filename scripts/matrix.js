// @ts-check
/**
 * Runs the compiled specs on several versions of Node, each taken from the npm registry into .node-versions/.
 * `npm run test:matrix` uses all versions. Arguments select some of them:
 * `npm run test:matrix -- 20 26`, `npm run test:matrix -- --oldest-newest`
 */
import { spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeAt, versions } from './nodes.js';

const root = fileURLToPath(new URL('..', import.meta.url));

const results = [];
for (const version of chosen(process.argv.slice(2))) {
  console.log(`\n=== Node ${version} ===`);
  results.push({ version, ...(await runSpecs(nodeAt(version))) });
}
for (const { version, line } of results) console.log(`Node ${version}: ${line}`);
console.log(`\n${sum(results.map(({ line }) => line))}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/** @param {string[]} args major versions, or --oldest-newest; all if empty */
function chosen(args) {
  if (args.length === 0) return versions;
  if (args[0] === '--oldest-newest')
    return versions.filter((_, index) => index % (versions.length - 1) === 0);
  const found = versions.filter((version) => args.includes(version.split('.')[0] ?? ''));
  if (found.length < args.length)
    throw new Error(`Give major versions out of ${versions.join(', ')}, or --oldest-newest`);
  return found;
}

/** @returns {Promise<{ ok: boolean, line: string }>} the last line of the run */
async function runSpecs(/** @type {string} */ node) {
  const specs = spawn(node, [join(root, '.build/spec/support/run.js')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH },
  });
  let output = '';
  specs.stdout.on('data', (chunk) => {
    output += chunk;
    process.stdout.write(chunk);
  });
  return new Promise((resolve) => {
    specs.on('close', (code) => {
      const line = output.trimEnd().split('\n').at(-1) ?? '';
      resolve({ ok: code === 0, line });
    });
  });
}

/** Adds up `N passed, N failed, N skipped`. */
function sum(/** @type {string[]} */ lines) {
  const count = (/** @type {string} */ word) =>
    lines.reduce((total, line) => total + Number(line.match(`(\\d+) ${word}`)?.[1] ?? 0), 0);
  const skipped = count('skipped');
  return `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
