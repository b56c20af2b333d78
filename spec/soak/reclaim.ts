/**
 * Processes race for a dead socket, again and again: exactly one must get it, and be the one that answers. Each round's winner is
 * killed, so that the next has a dead socket; in every fourth round nothing is there.
 * `npm run build:spec && node .build/spec/soak/reclaim.js --processes=50 --rounds=100`
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Racers } from '../support/racers.js';

const { values } = parseArgs({
  options: { processes: { type: 'string', default: '12' }, rounds: { type: 'string', default: '20' } },
});
const processes = Number(values.processes);
const rounds = Number(values.rounds);

const directory = mkdtempSync('/tmp/oi-reclaim-');
const path = join(directory, 's');
const racers = new Racers(path);
const since = performance.now();
let slowest = 0;
try {
  for (let round = 0; round < rounds; round++) {
    await racers.gather(processes);
    if (round % 4 === 0) rmSync(path, { force: true });
    const begun = performance.now();
    const { winner, others } = await racers.race();
    slowest = Math.max(slowest, performance.now() - begun);
    const left = readdirSync(directory);
    if (left.join() !== 's') throw new Error(`round ${round} left ${left.join(', ')}`);
    const said = [...others].join(', ');
    if (processes > 1 && said !== 'ERR_IPC_IN_USE') throw new Error(`round ${round}: losers said ${said}`);
    await racers.kill(winner);
  }
} finally {
  await racers.end();
  rmSync(directory, { recursive: true, force: true });
}
const seconds = ((performance.now() - since) / 1000).toFixed(1);
console.log(
  `${rounds} rounds of ${processes} processes in ${seconds} s; the slowest race took ${slowest.toFixed(0)} ms`,
);
