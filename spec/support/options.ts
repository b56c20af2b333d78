import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** Most specs wait most of the time, so that one process more than there are cores keeps the cores at work. */
const SIDE_BY_SIDE = Math.min(availableParallelism() + 1, 6);

/**
 * What a run of the specs may be told:
 * `npm test -- [part of a spec file's path ...] [--filter=REGEXP on full names] [--seed=N] [--jobs=N] [--slowest=N] [--fail-fast]`
 * `--jobs` is how many processes run specs at a time. `--wine` skips what Wine cannot do; `spec/windows/run.ts` gives it.
 */
export function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      coverage: { type: 'boolean', default: false },
      'fail-fast': { type: 'boolean', default: false },
      filter: { type: 'string' },
      jobs: { type: 'string' },
      seed: { type: 'string' },
      wine: { type: 'boolean', default: false },
      slowest: { type: 'string', default: '5' },
    },
  });
  const { jobs = values.wine ? 1 : SIDE_BY_SIDE, slowest, seed, ...others } = values;
  return {
    ...others,
    files: positionals,
    jobs: positive('jobs', jobs),
    slowest: Number(slowest),
    seed: seed === undefined ? undefined : positive('seed', seed),
  };
}

/** So that a slip does not run other specs, or none. */
function positive(name: string, text: string | number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  console.log(`--${name} is ${text}; give a whole number from 1.`);
  process.exit(2);
}
