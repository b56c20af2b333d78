import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../soak/random.js';
import { built } from './project.js';

/** The number of files per process: enough that the start does not matter, and few enough that the processes share the work evenly. */
const MOST = 24;

/** Returns the compiled spec files in `.build`: all, or those whose path contains a given part. A fixture must be named in full. */
export function specFiles(parts: readonly string[]): string[] {
  const names = readdirSync(join(built, 'spec'), { recursive: true, encoding: 'utf8' })
    .map((name) => join('spec', name))
    .filter((name) => name.endsWith('.spec.js'));
  const wanted = parts.map((part) => join(part.replace(/\.ts$/, '.js')));
  const isChosen = (name: string) =>
    name.includes('fixtures')
      ? wanted.includes(name)
      : wanted.length === 0 || wanted.some((part) => name.includes(part));
  return names.filter(isChosen).sort();
}

/** Divides the files into the processes that they need. Only the seed decides the division, so that a seed repeats an order. */
export function deal(files: readonly string[], seed: number): string[][] {
  const random = seeded(seed);
  const shuffled = files
    .map((file) => ({ file, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ file }) => file);
  const hands = Array.from({ length: Math.ceil(files.length / MOST) }, (): string[] => []);
  for (const [index, file] of shuffled.entries()) hands[index % hands.length]?.push(file);
  return hands;
}
