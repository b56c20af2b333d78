import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freshDirectory } from '../support/places.js';
import { Racers } from '../support/racers.js';
import { type Figures, hold } from './promise.js';

/**
 * Processes race repeatedly for a stale socket. Exactly one must get it, and answer on it. The campaign kills the winner of each
 * round, so that the next round has a stale socket. In every fourth round the path is free.
 */
export async function soak({ processes = 50, rounds = 100 } = {}): Promise<Figures> {
  const directory = freshDirectory();
  const path = join(directory, 's');
  const racers = new Racers(path);
  let slowest = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      await racers.gather(processes);
      if (round % 4 === 0) rmSync(path, { force: true });
      const begun = performance.now();
      const { winner, others } = await racers.race();
      slowest = Math.max(slowest, performance.now() - begun);
      const left = readdirSync(directory);
      hold(left.join() === 's', `round ${round} left ${left.join(', ')}`);
      const said = [...others].join(', ');
      hold(processes === 1 || said === 'ERR_IPC_IN_USE', `round ${round}: losers said ${said}`);
      await racers.kill(winner);
    }
  } finally {
    await racers.end();
  }
  return { processes, rounds, winners: rounds, slowest_race_ms: Math.round(slowest) };
}
