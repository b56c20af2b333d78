import { readdirSync, readFileSync } from 'node:fs';

/**
 * Returns the processor time of both processes of a round, in microseconds. `other` is the process id of the other one. Only Linux
 * reports the time of another process; on other systems the result is the time of this process.
 */
export function spent(other) {
  const { user, system } = process.cpuUsage();
  return user + system + (other === undefined ? 0 : spentBy(other));
}

function spentBy(pid) {
  try {
    let nanoseconds = 0;
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
    }
    return nanoseconds / 1000;
  } catch {
    return 0;
  }
}
