import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterwards } from './afterwards.js';

const windows = process.platform === 'win32';

/** The folder of this run. The path of a Unix socket must be shorter than 104 bytes, and macOS has a long tmpdir. */
const root = mkdtempSync(join(windows ? tmpdir() : '/tmp', 'oi-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));

let count = 0;

/** Creates an empty directory. It is removed afterwards with its content. */
export function freshDirectory(): string {
  const directory = join(root, String(++count));
  mkdirSync(directory);
  afterwards(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/**
 * Returns a free path for a socket (on Windows, the name of a pipe). The server that listens there must remove it: a path that
 * still exists afterwards fails the spec. A spec that leaves a stale socket on purpose uses a `freshDirectory()`.
 */
export function freshPath(name = 's'): string {
  const id = `${++count}-${name}`;
  if (windows) return `\\\\.\\pipe\\${root.slice(-9)}-${id}`;
  afterwards(() => failOnLeftovers(id));
  return join(root, id);
}

/** A {@link freshPath} for other libraries, too. On Windows these turn a path into the name of a pipe themselves. */
export function freshUnixPath(): string {
  return unixPathOf(freshPath());
}

/** Returns the value that other libraries accept in place of a {@link freshPath}. */
export function unixPathOf(path: string): string {
  return path.replace('\\\\.\\pipe\\', '/');
}

/** Returns the names in the folder of this run. There are none when every scope has ended. */
export function leftPlaces(): string[] {
  return readdirSync(root).map((name) => join(root, name));
}

/** Checks for files whose names start with that of a path, such as locks and temporary names. */
function failOnLeftovers(id: string): void {
  const left = readdirSync(root).filter((name) => name.startsWith(id));
  for (const name of left) rmSync(join(root, name), { recursive: true, force: true });
  if (left.length > 0) throw new Error(`The spec has left files in ${root}: ${left.join(', ')}`);
}
