import type { Command } from './command.js';
import { conform } from './commands/conform.js';
import { doctor } from './commands/doctor.js';
import { emit } from './commands/emit.js';
import { migrate } from './commands/migrate.js';
import { ping } from './commands/ping.js';
import { publish } from './commands/publish.js';
import { replay } from './commands/replay.js';
import { request } from './commands/request.js';
import { serve } from './commands/serve.js';
import { subscribe } from './commands/subscribe.js';
import { tap } from './commands/tap.js';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  serve,
  emit,
  request,
  publish,
  subscribe,
  ping,
  tap,
  replay,
  doctor,
  migrate,
  conform,
];

/** A command by its name. */
export function commandOf(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}

/** The names closest to one that there is not: a slip of the finger, or the beginning of a name. */
export function similar(name: string, names: readonly string[]): string[] {
  return names.filter((other) => other.startsWith(name) || distance(name, other) <= 2);
}

/** How many letters have to be put in, left out or changed to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
