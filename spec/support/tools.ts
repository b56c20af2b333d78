import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards } from './afterwards.js';
import { withoutCoverage } from './processes.js';
import { inProject } from './project.js';

/** Returns the output of a command from both streams, or undefined if this machine lacks the command. */
export function saidBy(command: string, ...args: string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env: withoutCoverage() });
  return status === 0 ? stdout + stderr : undefined;
}

/**
 * Runs a tool to its end.
 * @returns its output
 * @throws Error with its complete output if it fails
 */
export function runTool(command: string, args: readonly string[], cwd = inProject()): string {
  const options = { cwd, encoding: 'utf8', env: withoutCoverage() } as const;
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, options);
  if (status === 0) return stdout;
  const why = error?.message ?? signal ?? `exit code ${status}`;
  throw new Error(`${command} ${args.join(' ')}: ${why}\n${stdout}${stderr}`);
}

/** Creates a directory for compiled programs, which exists as long as its suite. */
export function workshop(): string {
  const directory = mkdtempSync(join('/tmp', 'oi-built-'));
  afterwards(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
