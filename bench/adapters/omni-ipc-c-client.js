import { execFile, execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { adapter as node } from './omni-ipc.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** omni-ipc's server with the client of clients/c, which runs its side and prints its report. */
export const adapter = {
  name: 'C client',
  serve: node.serve,
  async play({ path }, { warm, time, inFlight }) {
    const program = join(dirname(path), 'echo-in-c');
    const sources = ['bench/clients/echo.c', 'clients/c/omni_ipc.c'].map((file) => join(root, file));
    execFileSync('cc', ['-std=c99', '-O2', '-o', program, ...sources]);
    const { stdout } = await promisify(execFile)(program, [path, warm, time, inFlight].map(String));
    return JSON.parse(stdout);
  },
};
