// @ts-check
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeAt } from '../../scripts/nodes.js';
import { files } from './entries.js';
import { run } from './run-tool.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = fileURLToPath(new URL('node_modules', import.meta.url));

/** The Node that runs the tools themselves. */
const TOOLS_NODE = '24.21.0';

/**
 * The folder of a program, outside the repository, with the packed product installed. Node finds the tools one folder above it.
 * The output of a bundler runs in a folder where the product cannot be found.
 */
export class Project {
  #home = mkdtempSync(join(tmpdir(), 'oi-tools-'));
  folder = join(this.#home, 'program');
  node = nodeAt(TOOLS_NODE);

  async install() {
    symlinkSync(modules, join(this.#home, 'node_modules'));
    await this.#npm(root, 'pack', '--ignore-scripts', '--pack-destination', this.#home);
    const tarball = readdirSync(this.#home).find((name) => name.endsWith('.tgz')) ?? '';
    this.write('package.json', '{ "private": true }');
    const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--omit=peer'];
    await this.#npm(this.folder, 'install', join(this.#home, tarball), ...options);
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  /** Writes a file in the program's folder, and returns its path. */
  write(/** @type {string} */ name, /** @type {string | object} */ content) {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2));
    return file;
  }

  /** Creates a folder with the programs in the program's folder, for a tool that is configured by files. */
  copy(/** @type {string} */ name, /** @type {Record<string, string | object>} */ more) {
    for (const [file, text] of Object.entries({ ...files, ...more })) this.write(join(name, file), text);
    return join(this.folder, name);
  }

  /** Creates a folder from which the product cannot be found. */
  output(/** @type {string} */ name) {
    const folder = join(this.#home, 'bundles', name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Returns the path of a file of a tool. */
  tool(/** @type {string} */ path) {
    return join(modules, path);
  }

  /** Copies a package from the product's own development dependencies to the program. */
  add(/** @type {string} */ name) {
    cpSync(join(root, 'node_modules', name), join(this.folder, 'node_modules', name), { recursive: true });
    return () => rmSync(join(this.folder, 'node_modules', name), { recursive: true });
  }

  /** Runs a tool, or a program, in the Node of the tools. */
  run(/** @type {string[]} */ args, /** @type {import('./run-tool.js').Options} */ options = {}) {
    return run(this.node, args, { cwd: this.folder, ...options });
  }

  remove() {
    rmSync(this.#home, { recursive: true, force: true });
  }

  #npm(/** @type {string} */ cwd, /** @type {string[]} */ ...args) {
    mkdirSync(cwd, { recursive: true });
    const cli = process.env.npm_execpath;
    if (cli === undefined) throw new Error('This script needs npm. Start it with npm run test:tools');
    return run(process.execPath, [cli, ...args], { cwd });
  }
}
