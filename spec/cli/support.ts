import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards } from '../support/afterwards.js';
import { freshDirectory, freshPath } from '../support/places.js';
import { type Program, start, withoutCoverage } from '../support/processes.js';

/** Starts the command as it is compiled, in pipes. */
export function omniIpc(args: readonly string[], input?: string, env: NodeJS.ProcessEnv = {}): Program {
  // Its coverage is not asked for, and costs each run of it a third of its time.
  const program = start('cli/main.ts', [...args], { ...withoutCoverage(), NO_COLOR: '1', ...env });
  if (input !== undefined) program.process.stdin.end(input);
  return program;
}

/** What a command that has ended left behind. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command to its end; without an input its standard input stays open. */
export async function run(args: readonly string[], input?: string): Promise<Outcome> {
  const program = omniIpc(args, input);
  const { code } = await program.exited;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

/** The values that a command has printed, one a line. */
export function values(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/**
 * A command that runs a program in every shell.
 * @param source CommonJS that finds its input, a line each, in `lines`
 */
export function commandOf(source: string): string {
  const file = join(freshDirectory(), 'command.cjs');
  const lines = `const lines = require('node:readline').createInterface({ input: process.stdin })[Symbol.asyncIterator]();`;
  writeFileSync(file, `${lines}\n(async () => {\n${source}\n})();\n`);
  return `"${process.execPath}" "${file}"`;
}

/** Serves with the command; gives it, and its address, once it listens. */
export async function serve(
  args: readonly string[] = [],
  address = `unix:${freshPath()}`,
): Promise<{ program: Program; address: string }> {
  const program = omniIpc(['serve', address, ...args]);
  afterwards(() => program.kill('SIGTERM'));
  const [, where = ''] = await program.waitForLine(/^listening on (.+)$/);
  return { program, address: where };
}
