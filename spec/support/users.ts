import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { afterwards } from './afterwards.js';
import { Program, withoutCoverage } from './processes.js';

/** A user and a group other than those of this process. */
export const OTHER = 65_534;

/** Skips the running spec if this process cannot act as another user. */
export function needsRoot(): void {
  if (process.getuid?.() !== 0) pending('only root can act as another user');
}

/** Creates an empty directory like /tmp: every user may create files in it, and remove or rename only their own. */
export function directoryForAll(mode = 0o1777): string {
  const directory = mkdtempSync('/tmp/oi-');
  chmodSync(directory, mode);
  afterwards(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Changes the owner of a directory to another user. */
export function giveAway(path: string): void {
  chownSync(path, OTHER, OTHER);
}

/** Runs a program, given as the text of an ES module, as another user. It is killed afterwards. */
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
