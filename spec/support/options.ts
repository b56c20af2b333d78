import { parseArgs } from 'node:util';

/**
 * What a run of the specs may be told:
 * `npm test -- [part of a spec file's path ...] [--filter=REGEXP on full names] [--seed=N] [--slowest=N]`
 * `--wine` skips what Wine cannot do; `spec/windows/run.ts` gives it.
 */
export function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      coverage: { type: 'boolean', default: false },
      filter: { type: 'string' },
      seed: { type: 'string' },
      wine: { type: 'boolean', default: false },
      slowest: { type: 'string', default: '5' },
    },
  });
  return { ...values, files: positionals };
}
