import { statSync } from 'node:fs';
import { durationOf, listOf, numberOf } from '../arguments.js';
import type { Command, Values } from '../command.js';
import { conform as examine, LEVELS, type LevelResult, type Settings } from '../conform/conform.js';
import { Program, type Role, RunningServer, type Target } from '../conform/target.js';
import { EXIT, UsageError } from '../exit.js';

const names = LEVELS.map(({ name }) => name);
const TIMEOUT = 2000;

/** Tests a program against the wire specification. */
export const conform: Command = {
  name: 'conform',
  summary: 'tests whether a program in any language conforms to the wire protocol',
  arguments: 'ADDRESS | -- COMMAND [ARGUMENT...]',
  count: [1, Number.POSITIVE_INFINITY],
  details: `The levels are ${names.join(', ')}.

ADDRESS (unix:/tmp/app.world, tcp://host:port) is a running server. COMMAND is started twice, as a server and as a client. It gets
its role and its address from {role} and {address} in its arguments, and from the variables OMNI_IPC_ROLE and OMNI_IPC_ADDRESS.
docs/wire.md describes the program under "Conformance".

The exit code is 1 if a check failed. A level that the program does not support fails only if --level names it.`,
  examples: [
    ['omni-ipc conform tcp://localhost:8000', 'tests a server that is running'],
    ['omni-ipc conform --role client -- ./my-client {address}', 'starts a client, and acts as its server'],
  ],
  options: {
    role: {
      type: 'string',
      value: 'ROLE',
      choices: ['server', 'client'],
      description: 'starts COMMAND as a server or as a client only',
    },
    level: {
      type: 'string',
      value: 'LEVEL',
      multiple: true,
      choices: names,
      description: 'tests only this level, which the program must support',
    },
    timeout: { type: 'string', value: 'TIME', description: `how long an answer may take (${TIMEOUT}ms)` },
    'max-size': {
      type: 'string',
      value: 'BYTES',
      description: 'the longest frame that the program accepts, to test a longer one',
    },
    tcp: { type: 'boolean', description: 'connects to COMMAND over TCP instead of a Unix socket' },
    verbose: { type: 'boolean', description: 'also lists the checks that passed' },
  },

  async run({ positionals, values, out, signal }) {
    const settings = settingsOf(values, signal);
    let good = true;
    for (const open of targetsOf(positionals, values)) {
      await examine(await open(), settings, (result) => {
        good &&= isGood(result, settings.levels.length > 0);
        out.record(result, () => written(result, values.verbose === true));
      });
      if (signal.aborted) return EXIT.interrupted;
    }
    return good ? EXIT.ok : EXIT.found;
  },
};

/** A single positional argument that has the form of an address, and is not a file, is the address of a running server. */
function targetsOf(positionals: readonly string[], values: Values): readonly (() => Promise<Target>)[] {
  const [first = ''] = positionals;
  if (positionals.length === 1 && isAddress(first)) return [async () => new RunningServer(first)];
  const tcp = values.tcp === true;
  return rolesOf(values.role).map((role) => () => Program.start(role, positionals, tcp));
}

function isAddress(text: string): boolean {
  if (/^(unix|tcp):|^[^/\\]+:\d+$/.test(text)) return true;
  return /[/\\]/.test(text) && statSync(text, { throwIfNoEntry: false })?.isFile() !== true;
}

function rolesOf(role: unknown): readonly Role[] {
  if (role === undefined) return ['server', 'client'];
  if (role === 'server' || role === 'client') return [role];
  throw new UsageError(`--role is ${JSON.stringify(role)}; it must be server or client.`);
}

function settingsOf(values: Values, signal: AbortSignal): Settings {
  const levels = listOf(values, 'level');
  for (const level of levels) {
    if (names.includes(level)) continue;
    throw new UsageError(`--level is ${JSON.stringify(level)}; it must be one of ${names.join(', ')}.`);
  }
  const timeout = durationOf(values, 'timeout') ?? TIMEOUT;
  return { levels, timeout, maxSize: numberOf(values, 'max-size', 1) ?? 0, signal };
}

/**
 * Whether a level passed. A level that the program does not support counts as a failure only if the user asked for it by
 * name.
 */
function isGood({ unsupported, results }: LevelResult, named: boolean): boolean {
  return !(named && unsupported !== undefined) && results.every(({ outcome }) => outcome !== 'failed');
}

const WIDTH = Math.max(...names.map((name) => name.length)) + 2;

function written({ role, level, unsupported, results }: LevelResult, verbose: boolean): string {
  const head = `${role}  ${level.padEnd(WIDTH)}`;
  if (unsupported !== undefined) return `${head}not supported: ${unsupported}`;
  const skipped = results.filter(({ outcome }) => outcome === 'skipped').length;
  const passed = results.filter(({ outcome }) => outcome === 'passed').length;
  let text = `${head}${passed} of ${results.length - skipped} passed`;
  if (skipped > 0) text += `, ${skipped} skipped`;
  for (const { name, outcome, why } of results) {
    if (outcome === 'passed' && !verbose) continue;
    text += `\n  ${outcome.padEnd(8)}${name}${why === undefined ? '' : `: ${why}`}`;
  }
  return text;
}
