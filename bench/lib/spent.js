import { readdirSync, readFileSync } from 'node:fs';

/**
 * The processor time that both processes of a round have used, in microseconds; `other` is the other one's number. Linux
 * alone tells what another process has used, so elsewhere it is that of this process.
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
