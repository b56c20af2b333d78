import type { InspectOptions } from 'node:util';

/** Calls `inspect` of node:util, and loads that module on first use. */
export function inspect(value: unknown, options?: InspectOptions): string {
  return process.getBuiltinModule('node:util').inspect(value, options);
}
