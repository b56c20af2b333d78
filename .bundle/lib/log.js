import { inspect } from '../entities/inspect.js';
/** A log by the config's `silent`, `logger`, `logDepth` and `logInColor`, each read when it is used. As node-ipc 9. */
export function createLog(config) {
    return (...args) => {
        const { silent, logger, logDepth, logInColor } = config();
        if (silent)
            return;
        const format = (value) => typeof value === 'object' && value !== null
            ? inspect(value, { depth: logDepth, colors: logInColor })
            : String(value);
        logger(args.map(format).join(' '));
    };
}
//# sourceMappingURL=log.js.map