import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * The cores that the two sides of a round shall keep to, when they shall share `count` (1 or 2) cores, so that rounds are
 * alike. Nothing if the system does not tell.
 */
export function coresFor(count) {
  try {
    const [first, second = first] = allowedCores();
    return { server: first, client: count === 1 ? first : second };
  } catch {
    return undefined;
  }
}

/** Keeps this process to one core; where the system has no means for that, it runs where it likes. */
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
