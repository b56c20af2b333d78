import { createRequire } from 'node:module';
import { join } from 'node:path';
import { IPCError } from '../../entities/errors.js';

/**
 * Loads an optional peer dependency on first use.
 * @param name the package, or those that are needed together, separated by spaces
 * @param entry the module to load, if it is not the main entry
 * @throws IPCError ERR_IPC_MISSING_PACKAGE with the command that installs it
 */
export function loadPackage<Module>(name: string, setting: string, entry = name): Module {
  try {
    return (requireByName(entry) ?? requireFromProgram(entry)) as Module;
  } catch (cause) {
    const [what, them] = name.includes(' ') ? ['packages', 'them'] : ['package', 'it'];
    const message = `${setting} needs the ${what} ${name}; install ${them} with: npm install ${name}`;
    throw new IPCError('ERR_IPC_MISSING_PACKAGE', message, { cause });
  }
}

/**
 * Requires a package by a literal name, so that bundlers resolve it. Because of the `try`, they accept that it is not
 * installed.
 * @returns undefined if there is no `require`, as in ESM, or if the package is not installed next to this file
 */
function requireByName(entry: string): unknown {
  try {
    switch (entry) {
      case 'fast-zlib':
        return require('fast-zlib');
      case 'msgpackr/index-no-eval':
        return require('msgpackr/index-no-eval');
      case '@nats-io/transport-node':
        return require('@nats-io/transport-node');
      case '@nats-io/jetstream':
        return require('@nats-io/jetstream');
      case '@nats-io/kv':
        return require('@nats-io/kv');
      case '@opentelemetry/api':
        return require('@opentelemetry/api');
    }
  } catch {}
  return undefined;
}

/**
 * Looks for a package from the program's folder and from the working directory. In a bundle, this file's own folder is
 * meaningless.
 */
function requireFromProgram(entry: string): unknown {
  const started = createRequire(join(process.cwd(), 'package.json'));
  const program = process.argv[1];
  if (program === undefined) return started(entry);
  try {
    return createRequire(program)(entry);
  } catch {
    return started(entry);
  }
}
