import { createRequire } from 'node:module';
import { join } from 'node:path';
import { IPCError } from '../../entities/errors.js';

/**
 * Loads an optional peer dependency, when it is first needed.
 * @param entry what is loaded of the package, where that is not its main entry
 * @throws IPCError ERR_IPC_MISSING_PACKAGE with the command that installs it.
 */
export function loadPackage<Module>(name: string, setting: string, entry = name): Module {
  try {
    return (requireByName(entry) ?? requireFromProgram(entry)) as Module;
  } catch (cause) {
    const message = `${setting} needs the package ${name}; install it with: npm install ${name}`;
    throw new IPCError('ERR_IPC_MISSING_PACKAGE', message, { cause });
  }
}

/**
 * Requires a package by its literal name, which bundlers resolve. Inside of `try` they accept that it is not installed.
 * @returns nothing if there is no `require`, as in ESM, or no such package beside this file
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

/** Looks for a package where the program is, and where it was started: in a bundle, this file's own folder says nothing. */
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
