import type { Command } from './command.js';
import { bench } from './commands/bench.js';
import { completion } from './commands/completion.js';
import { conform } from './commands/conform.js';
import { doctor } from './commands/doctor.js';
import { emit } from './commands/emit.js';
import { ls } from './commands/ls.js';
import { migrate } from './commands/migrate.js';
import { ping } from './commands/ping.js';
import { publish } from './commands/publish.js';
import { replay } from './commands/replay.js';
import { request } from './commands/request.js';
import { serve } from './commands/serve.js';
import { stream } from './commands/stream.js';
import { subscribe } from './commands/subscribe.js';
import { tap } from './commands/tap.js';
import { top } from './commands/top.js';
import { web } from './commands/web.js';

/** All commands, in the order of the help. */
export const commands: readonly Command[] = [
  serve,
  emit,
  request,
  stream,
  publish,
  subscribe,
  ping,
  tap,
  replay,
  ls,
  top,
  web,
  bench,
  doctor,
  migrate,
  completion,
  conform,
];

/** Finds a command by its name. */
export function commandOf(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}
