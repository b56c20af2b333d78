// @ts-check
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The tested versions of Node. They include the oldest ones that `engines` in package.json allows. */
export const versions = ['20.19.0', '22.12.0', '22.23.3', '24.21.0', '26.10.0'];

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';

/** Returns the path of that version's `node`. Fetches it if it is missing. */
export function nodeAt(/** @type {string} */ version) {
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
