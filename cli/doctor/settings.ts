import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unreadable } from '../exit.js';
import { record } from './graph.js';
import { readYaml } from './yaml.js';

/**
 * The settings in a YAML file of a project; undefined if there is no such file.
 * @throws Failure if it cannot be read
 */
export function readSettings(project: string, file: string): Record<string, unknown> | undefined {
  const path = join(project, file);
  if (!existsSync(path)) return undefined;
  try {
    return record(readYaml(readFileSync(path, 'utf8')));
  } catch (error) {
    throw unreadable(path, error);
  }
}
