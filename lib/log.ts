import type { Config } from '../entities/config.js';
import { inspect } from '../entities/inspect.js';
import { escapeText } from '../entities/text.js';
import { safely } from './faults.js';

/** What is shown of a text in a line of the engine's own, in characters: as much as `util.inspect` shows of one. */
const LONGEST_TEXT = 10_000;

/** Writes its arguments, joined by spaces, to `config.logger`; nothing at all is done when `config.silent` is set. */
export type Log = (...args: unknown[]) => void;

/**
 * A log by the config's `silent`, `logger`, `logDepth` and `logInColor`, each read when it is used. As node-ipc 9. What the
 * logger throws surfaces as an uncaught exception, and keeps nothing from going on.
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

/** The log for the engine's own lines, in which peers have chosen some of the texts: those are escaped and cut off. */
export function escapingLog(log: Log): Log {
  return (...args) =>
    log(...args.map((value) => (typeof value === 'string' ? escapeText(value, LONGEST_TEXT) : value)));
}
