// @ts-check
import { spawnSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';

const tsc = join('node_modules', 'typescript', 'lib', 'tsc.js');

/** Whether there is a C compiler. */
export function hasCompiler() {
  return spawnSync('cc', ['--version']).status === 0;
}

/**
 * Makes a program of C.
 * @param {string} file
 * @param {string} directory where it goes
 * @returns {string} the program's path
 */
export function compileC(file, directory) {
  const program = join(directory, basename(file, '.c'));
  run('cc', ['-std=c11', '-Wall', '-Wextra', '-O2', '-o', program, file]);
  return program;
}

/**
 * Compiles a TypeScript program by the `tsconfig.json` beside it.
 * @param {string} file
 * @param {string} root the project's folder, where TypeScript is installed
 * @returns {string} the JavaScript's path
 */
export function compileTypeScript(file, root) {
  run(process.execPath, [join(root, tsc), '-p', dirname(file)]);
  return join(dirname(file), 'dist', basename(file).replace(/\.ts$/, '.js'));
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${command} failed: ${error?.message ?? stdout + stderr}`);
}
