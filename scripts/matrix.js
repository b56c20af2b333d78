// @ts-check
/**
 * Runs the compiled specs on several versions of Node, each taken from the npm registry into .node-versions/.
 * `npm run test:matrix`, or for some of them:
 * `npm run test:matrix -- 20 26`, `npm run test:matrix -- --oldest-newest`
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The oldest is the first that `engines` in package.json admits. */
const versions = ['20.19.0', '22.23.3', '24.21.0', '26.10.0'];

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';

const results = [];
for (const version of chosen(process.argv.slice(2))) {
  console.log(`\n=== Node ${version} ===`);
  results.push({ version, ...(await runSpecs(nodeAt(version))) });
}
for (const { version, line } of results) console.log(`Node ${version}: ${line}`);
console.log(`\n${sum(results.map(({ line }) => line))}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/** @param {string[]} args majors, or --oldest-newest; none: all */
function chosen(args) {
  if (args.length === 0) return versions;
  if (args[0] === '--oldest-newest')
    return versions.filter((_, index) => index % (versions.length - 1) === 0);
  const found = versions.filter((version) => args.includes(version.split('.')[0] ?? ''));
  if (found.length < args.length)
    throw new Error(`Give majors out of ${versions.join(', ')}, or --oldest-newest`);
  return found;
}

/** Gives the path of that version's `node`, fetched if it is not here yet. */
function nodeAt(/** @type {string} */ version) {
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  const home = join(root, '.node-versions', version);
  const node = join(home, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node');
  if (!existsSync(node)) {
    const args = [
      'install',
      '--prefix',
      home,
      '--no-save',
      '--ignore-scripts',
      '--prefer-offline',
      `${name}@${version}`,
    ];
    const { status } = spawnSync('npm', args, { stdio: 'inherit', shell: windows });
    if (status !== 0) throw new Error(`Cannot fetch ${name}@${version} from the npm registry`);
  }
  return node;
}

/** @returns {Promise<{ ok: boolean, line: string }>} the line that the run ended with */
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
