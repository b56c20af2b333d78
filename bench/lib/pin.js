import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Returns the cores of the two sides of a round, which use `count` (1 or 2) cores together. With fixed cores the rounds are
 * comparable. Returns undefined if the system does not report its cores.
 */
export function coresFor(count) {
  try {
    const [first, second = first] = allowedCores();
    return { server: first, client: count === 1 ? first : second };
  } catch {
    return undefined;
  }
}

/** Pins this process to one core, if the system supports that. */
export function pin(core) {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)], { stdio: 'ignore' });
  } catch {}
}

function allowedCores() {
  const [, list] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const cores = [];
  for (const range of list.split(',')) {
    const [first, last = first] = range.split('-').map(Number);
    for (let core = first; core <= last; core++) cores.push(core);
  }
  return cores;
}
