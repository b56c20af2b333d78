import type { InspectOptions } from 'node:util';

/** As `inspect` of node:util, which is loaded only when there is something to show. */
export function inspect(value: unknown, options?: InspectOptions): string {
  return process.getBuiltinModule('node:util').inspect(value, options);
}
