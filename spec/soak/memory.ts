import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MEBIBYTE = 1024 * 1024;

let collect: (() => void) | undefined;

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** The memory of a process after a garbage collection, in mebibytes: of objects and buffers, and in total. */
export interface Memory {
  held: number;
  resident: number;
}

/** Collects garbage, and measures the remaining memory. */
export async function memory(): Promise<Memory> {
  collect ??= collector();
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: mebibytes(heapUsed + external), resident: mebibytes(rss) };
}

/** Converts bytes to mebibytes, with one decimal. */
export function mebibytes(bytes: number): number {
  return Math.round((bytes / MEBIBYTE) * 10) / 10;
}
