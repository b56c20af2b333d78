import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, Failure, UsageError, unreadable } from '../exit.js';
import { readBunLock } from './bun-lock.js';
import { readDeclared } from './declared.js';
import { type Graph, text } from './graph.js';
import { readInstalled } from './installed.js';
import { MANIFEST, readManifest } from './manifest.js';
import { readNpmLock } from './npm-lock.js';
import { readPnpmLock } from './pnpm-lock.js';
import { readYarnLock } from './yarn-lock.js';

export type Manager = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** A project's manifest and dependencies. */
export interface Project {
  readonly directory: string;
  readonly manifest: Record<string, unknown>;
  readonly manager: Manager;
  /** One graph for each lock file and one for node_modules; without them, one of what package.json states. */
  readonly graphs: readonly Graph[];
}

type Read = (source: string, content: string, manifest: unknown) => Graph;

const LOCKS: readonly (readonly [file: string, manager: Manager, read: Read])[] = [
  ['npm-shrinkwrap.json', 'npm', readNpmLock],
  ['package-lock.json', 'npm', readNpmLock],
  ['pnpm-lock.yaml', 'pnpm', readPnpmLock],
  ['yarn.lock', 'yarn', readYarnLock],
  ['bun.lock', 'bun', readBunLock],
];

/**
 * Reads the manifest, the lock files and node_modules of a project.
 * @throws UsageError if there is no project or a file cannot be read: an unreadable file is never treated as harmless
 */
export function readProject(folder: string): Project {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${folder} is not a directory; name the one with the project's package.json.`);
  const directory = realpathSync(folder);
  if (!existsSync(join(directory, MANIFEST)))
    throw new UsageError(`There is no ${MANIFEST} in ${directory}; name the directory of a project.`);
  const manifest = readManifest(directory);
  const locks = LOCKS.filter(([file]) => existsSync(join(directory, file)));
  const graphs: Graph[] = locks.map(([file, , read]) => readLock(directory, file, read, manifest));
  if (graphs.length === 0 && existsSync(join(directory, 'bun.lockb'))) {
    const message =
      'bun.lockb is a binary lock file; bun install --save-text-lockfile makes the text that doctor reads.';
    throw new Failure(message, EXIT.usage);
  }
  const installed = readInstalled(directory, manifest);
  if (installed !== undefined) graphs.push(installed);
  if (graphs.length === 0) graphs.push(readDeclared(directory, manifest));
  return { directory, manifest, manager: locks[0]?.[1] ?? managerOf(manifest), graphs };
}

function readLock(directory: string, file: string, read: Read, manifest: unknown): Graph {
  try {
    return read(file, readFileSync(join(directory, file), 'utf8'), manifest);
  } catch (error) {
    throw unreadable(join(directory, file), error);
  }
}

function managerOf(manifest: Record<string, unknown>): Manager {
  const [name] = text(manifest.packageManager).split('@');
  return name === 'pnpm' || name === 'yarn' || name === 'bun' ? name : 'npm';
}
