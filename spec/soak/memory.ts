import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MEBIBYTE = 1024 * 1024;

let collect: (() => void) | undefined;

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** What a process holds when its garbage is gone: mebibytes of objects and of buffers, and of everything. */
export interface Memory {
  held: number;
  resident: number;
}

/** Collects garbage, and measures what is left. */
export async function memory(): Promise<Memory> {
  collect ??= collector();
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: mebibytes(heapUsed + external), resident: mebibytes(rss) };
}

/** Bytes as mebibytes, with one decimal. */
export function mebibytes(bytes: number): number {
  return Math.round((bytes / MEBIBYTE) * 10) / 10;
}
