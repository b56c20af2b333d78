import { parseArgs } from 'node:util';

/**
 * What a run of the specs may be told:
 * `npm test -- [part of a spec file's path ...] [--filter=REGEXP on full names] [--seed=N] [--fail-fast]`
 */
export function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'fail-fast': { type: 'boolean', default: false },
      coverage: { type: 'boolean', default: false },
      filter: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  return { ...values, files: positionals };
}
