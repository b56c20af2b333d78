import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** Most specs mainly wait, so that one process more than the number of cores keeps the cores busy. */
const SIDE_BY_SIDE = Math.min(availableParallelism() + 1, 6);

/**
 * The options of a run of the specs:
 * `npm test -- [part of a spec file's path ...] [--filter=REGEXP on full names] [--seed=N] [--jobs=N] [--slowest=N] [--fail-fast]`
 * `--jobs` is the number of processes that run specs at a time. `--wine` skips specs that Wine does not support;
 * `spec/windows/run.ts` sets it.
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

/** Refuses a value that is not a positive whole number, so that a typing error does not run other specs, or none. */
function positive(name: string, text: string | number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  console.log(`--${name} is ${text}; give a whole number from 1.`);
  process.exit(2);
}
