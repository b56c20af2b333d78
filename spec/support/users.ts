import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { afterwards } from './afterwards.js';
import { Program, withoutCoverage } from './processes.js';

/** A user, and a group, that this process is not. */
export const OTHER = 65_534;

/** Skips the running spec where this process cannot act as another user. */
export function needsRoot(): void {
  if (process.getuid?.() !== 0) pending('only root can act as another user');
}

/** An empty directory like /tmp: everybody may make files in it, and remove or rename none but their own. */
export function directoryForAll(mode = 0o1777): string {
  const directory = mkdtempSync('/tmp/oi-');
  chmodSync(directory, mode);
  afterwards(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Makes a directory another user's. */
export function giveAway(path: string): void {
  chownSync(path, OTHER, OTHER);
}

/** Runs a program, given as an ES module's text, as another user; it is killed afterwards. */
export function startAsOther(code: string): Program {
  const program = new Program(process.execPath, ['--input-type=module', '-e', code], {
    cwd: '/',
    env: withoutCoverage(),
    uid: OTHER,
    gid: OTHER,
  });
  afterwards(() => program.kill());
  return program;
}
