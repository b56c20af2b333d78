import type { Config } from '../entities/config.js';
import { inspect } from '../entities/inspect.js';
import { escapeText } from '../entities/text.js';
import { safely } from './faults.js';

/** How much of a text is shown in the engine's own log lines, in characters; the same limit as in `util.inspect`. */
const LONGEST_TEXT = 10_000;

/** Passes its arguments, joined by spaces, to `config.logger`; does nothing if `config.silent` is set. */
export type Log = (...args: unknown[]) => void;

/**
 * Creates a log that reads the config's `silent`, `logger`, `logDepth` and `logInColor` at each use, as in node-ipc 9. An
 * exception of the logger becomes an uncaught exception, and does not interrupt the caller.
 */
export function createLog(config: () => Config): Log {
  return (...args) => {
    const { silent, logger, logDepth, logInColor } = config();
    if (silent) return;
    const format = (value: unknown) =>
      typeof value === 'object' && value !== null
        ? inspect(value, { depth: logDepth, colors: logInColor })
        : String(value);
    safely(() => logger(args.map(format).join(' ')));
  };
}

/** A log for the engine's own lines. Some of the texts come from peers, so they are escaped and truncated. */
export function escapingLog(log: Log): Log {
  return (...args) =>
    log(...args.map((value) => (typeof value === 'string' ? escapeText(value, LONGEST_TEXT) : value)));
}
