import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../soak/random.js';
import { built } from './project.js';

/** How many files one process runs: enough that its start does not count, few enough that the processes share the work evenly. */
const MOST = 24;

/** The spec files as compiled, below `.build`: all, or those whose path has a part that is asked for; fixtures only when named in full. */
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

/** Deals the files to as many processes as they need. The seed alone decides who gets which, so that it repeats an order. */
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
