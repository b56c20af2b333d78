// @ts-check
import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';

/** @typedef {{ cwd?: string, env?: Record<string, string>, prints?: string }} Options */

const LONGEST = 120_000;

/**
 * Runs a command to its end, in its own process group, which is killed if the command takes too long.
 * @param {string} command
 * @param {string[]} args
 * @param {Options} options `prints` is text that the output must contain
 * @returns {Promise<string>} all its output
 * @throws Error with all the output if the command fails
 */
export function run(command, args, { cwd, env, prints } = {}) {
  return new Promise((resolve, reject) => {
    const path = dirname(command) + delimiter + process.env.PATH;
    const { NODE_OPTIONS: _, npm_config_prefix: __, ...inherited } = process.env;
    const child = spawn(command, args, {
      cwd,
      env: { ...inherited, PATH: path, CI: 'true', NO_COLOR: '1', NODE_NO_WARNINGS: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    let late = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    const timer = setTimeout(() => {
      late = ` did not end within ${LONGEST / 1000} s`;
      killGroup(child.pid);
    }, LONGEST);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      killGroup(child.pid);
      const ok = code === 0 && late === '' && (prints === undefined || output.includes(prints));
      if (ok) return resolve(output);
      const why = late || (code === 0 ? ` did not print "${prints}"` : ` ended with ${signal ?? code}`);
      reject(new Error(`${[command, ...args].join(' ')}${why}\n${output}`));
    });
  });
}

/** Kills the processes that a command left running. */
function killGroup(/** @type {number | undefined} */ pid) {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All have ended.
  }
}
