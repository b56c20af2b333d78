import type { Command, Option, Options } from './command.js';

/** The options that every command accepts. */
export const COMMON: Options = {
  json: { type: 'boolean', description: 'prints compact JSON, one value a line, also on a terminal' },
  pretty: { type: 'boolean', description: 'prints formatted text, also in a pipe' },
  color: { type: 'boolean', description: 'prints colours, also if the output is not a terminal' },
  'no-color': { type: 'boolean', description: 'prints no colours, like NO_COLOR in the environment' },
  help: { type: 'boolean', short: 'h', description: 'shows this help' },
};

/** The output of `omni-ipc --help`. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map((command) => [usageOf(command), command.summary] as const);
  return [
    'Usage: omni-ipc COMMAND [ARGUMENTS] [OPTIONS]',
    '',
    'Commands:',
    ...columns(rows),
    '',
    'Addresses:',
    ...columns([
      ['unix:/tmp/app.world', 'a Unix socket, on Windows a pipe; a path with a slash works too'],
      ['tcp://host:port', 'TCP; host and port may be left out (localhost, 8000)'],
      ['tls://host:port', 'TLS over TCP'],
      ['udp4://host:port', 'UDP; udp6:// for IPv6'],
      ['world', 'a name: the socket of the server with this id, /tmp/app.world'],
    ]),
    '',
    'omni-ipc COMMAND --help tells more about a command, omni-ipc --version the version.',
  ].join('\n');
}

/** The output of `omni-ipc COMMAND --help`. */
export function helpOf(command: Command): string {
  const lines = [`Usage: omni-ipc ${usageOf(command)} [OPTIONS]`, '', command.summary];
  if (command.details) lines.push('', command.details.trim());
  const own = Object.entries(command.options);
  if (own.length > 0) lines.push('', 'Options:', ...columns(own.map(rowOf)));
  lines.push('', 'Options of every command:', ...columns(Object.entries(COMMON).map(rowOf)));
  if (command.examples) {
    lines.push('', 'Examples:');
    for (const [line, what] of command.examples) lines.push(`  ${line}`, `      ${what}`);
  }
  return lines.join('\n');
}

/** The usage line of a command. */
export function usageOf(command: Command): string {
  return command.arguments ? `${command.name} ${command.arguments}` : command.name;
}

function rowOf([name, option]: readonly [string, Option]): readonly [string, string] {
  const short = option.short ? `-${option.short}, ` : '';
  const value = option.type === 'string' ? ` ${option.value ?? 'TEXT'}` : '';
  return [`${short}--${name}${value}`, option.description + (option.multiple ? '; may be repeated' : '')];
}

/** Formats two columns; the left one is as wide as its longest cell. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)));
  return rows.flatMap(([left, right]) =>
    left.length > width
      ? [`  ${left}`, `  ${' '.repeat(width)}  ${right}`]
      : [`  ${left.padEnd(width)}  ${right}`],
  );
}
