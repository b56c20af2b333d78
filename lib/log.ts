import type { Config } from '../entities/config.js';
import { inspect } from '../entities/inspect.js';

/** Writes its arguments, joined by spaces, to `config.logger`; nothing at all is done when `config.silent` is set. */
export type Log = (...args: unknown[]) => void;

/** A log by the config's `silent`, `logger`, `logDepth` and `logInColor`, each read when it is used. As node-ipc 9. */
export function createLog(config: () => Config): Log {
  return (...args) => {
    const { silent, logger, logDepth, logInColor } = config();
    if (silent) return;
    const format = (value: unknown) =>
      typeof value === 'object' && value !== null
        ? inspect(value, { depth: logDepth, colors: logInColor })
        : String(value);
    logger(args.map(format).join(' '));
  };
}
