import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unreadable } from '../exit.js';
import { record } from './graph.js';

export const MANIFEST = 'package.json';

/**
 * The package.json in a folder.
 * @throws Failure if it cannot be read
 */
export function readManifest(folder: string): Record<string, unknown> {
  const path = join(folder, MANIFEST);
  try {
    return record(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw unreadable(path, error);
  }
}
