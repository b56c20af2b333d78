import { createRequire } from 'node:module';
import { IPCError } from '../../entities/errors.js';

const require = createRequire(import.meta.url);

/**
 * Loads an optional peer dependency, when it is first needed.
 * @param entry what is loaded of the package, where that is not its main entry
 * @throws IPCError ERR_IPC_MISSING_PACKAGE with the command that installs it.
 */
export function loadPackage<Module>(name: string, setting: string, entry = name): Module {
  try {
    return require(entry) as Module;
  } catch (cause) {
    const message = `${setting} needs the package ${name}; install it with: npm install ${name}`;
    throw new IPCError('ERR_IPC_MISSING_PACKAGE', message, { cause });
  }
}
