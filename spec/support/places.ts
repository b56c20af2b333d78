import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterwards } from './afterwards.js';

const windows = process.platform === 'win32';

/** This run's own folder. A unix socket's path must stay under 104 bytes, and macOS has a long tmpdir. */
const root = mkdtempSync(join(windows ? tmpdir() : '/tmp', 'oi-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));

let count = 0;

/** A new, empty directory. It is removed afterwards with all that it holds. */
export function freshDirectory(): string {
  const directory = join(root, String(++count));
  mkdirSync(directory);
  afterwards(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/**
 * A path where nothing is yet, for a socket (on Windows: a pipe's name). Whoever listens there takes it away
 * again: a path that is still there afterwards fails the spec. A spec that leaves a dead socket on purpose
 * uses a `freshDirectory()`.
 */
export function freshPath(name = 's'): string {
  const id = `${++count}-${name}`;
  if (windows) return `\\\\.\\pipe\\${root.slice(-9)}-${id}`;
  afterwards(() => failOnLeftovers(id));
  return join(root, id);
}

/** A {@link freshPath} that other libraries take, too: on Windows they make a pipe's name of a path themselves. */
export function freshUnixPath(): string {
  return unixPathOf(freshPath());
}

/** What other libraries take for a {@link freshPath}. */
export function unixPathOf(path: string): string {
  return path.replace('\\\\.\\pipe\\', '/');
}

/** The names in this run's folder: none, once every scope is over. */
export function leftPlaces(): string[] {
  return readdirSync(root).map((name) => join(root, name));
}

/** Names that begin with the path's are its company: locks and temporary names beside it. */
function failOnLeftovers(id: string): void {
  const left = readdirSync(root).filter((name) => name.startsWith(id));
  for (const name of left) rmSync(join(root, name), { recursive: true, force: true });
  if (left.length > 0) throw new Error(`Left behind in ${root}: ${left.join(', ')}`);
}
