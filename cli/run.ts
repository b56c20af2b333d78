import { readArguments } from './arguments.js';
import type { Command } from './command.js';
import { escapeLines } from './escape.js';
import { EXIT, exitCodeOf, fileRemedyOf, UsageError } from './exit.js';
import { helpOf, overview } from './help.js';
import { Printer } from './printer.js';
import { commandOf, commands } from './registry.js';
import { similar } from './similar.js';
import { version } from './version.js';

/**
 * Runs the command that was typed, and exits with its code. On the first Ctrl-C the command cleans up and returns; a second
 * one exits at once.
 */
export async function main(args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  let broken = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      broken = true;
      stop.abort();
    });
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(EXIT.interrupted);
      stop.abort();
    });
  }
  const code = await outcome(args, stop.signal);
  process.exitCode = broken ? EXIT.brokenPipe : code;
  // Flushes both outputs before the exit.
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}

async function outcome(args: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    return await dispatch(args, signal);
  } catch (error) {
    return report(error);
  }
}

async function dispatch(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { stdout, stderr, stdin } = process;
  const [first, ...rest] = args;
  if (first === '--version' || first === '-v') return print(version());
  if (first === undefined || first === '--help' || first === '-h') {
    if (first !== undefined) return print(overview(commands));
    stderr.write(`${overview(commands)}\n`);
    return EXIT.usage;
  }
  if (first === 'help') return print(rest[0] === undefined ? overview(commands) : helpOf(find(rest[0])));
  const command = find(first);
  const { values, positionals } = readArguments(command, rest);
  if (values.help === true) return print(helpOf(command));
  const looks = {
    ...(values.json === true ? { json: true } : values.pretty === true ? { json: false } : {}),
    ...(values['no-color'] === true ? { color: false } : values.color === true ? { color: true } : {}),
  };
  const out = new Printer(stdout, stderr, looks);
  return command.run({ positionals, values, out, commands, stdin, signal });
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.ok;
}

function find(name: string): Command {
  const command = commandOf(name);
  if (command !== undefined) return command;
  const [guess] = similar(
    name,
    commands.map((one) => one.name),
  );
  const hint = guess === undefined ? 'omni-ipc --help lists the commands.' : `Did you mean ${guess}?`;
  throw new UsageError(`There is no command ${JSON.stringify(name)}. ${hint}`);
}

/** Reports an error: in one line, or with its stack trace if it is a bug in the command itself. */
function report(error: unknown): number {
  const code = exitCodeOf(error);
  if (code === undefined) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`omni-ipc: this is a fault of omni-ipc; please report it.\n${escapeLines(trace)}\n`);
    return EXIT.internal;
  }
  new Printer(process.stdout, process.stderr).error('omni-ipc', textOf(error as Error));
  return code;
}

function textOf(error: Error & { code?: unknown }): string {
  const { message, code } = error;
  const remedy = fileRemedyOf(error);
  if (remedy !== undefined) return `${message}; ${remedy}.`;
  return typeof code === 'string' && code.startsWith('ERR_') ? `${code}: ${message}` : message;
}
