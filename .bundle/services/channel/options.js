import { defaults } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
const MEBI = 1024 * 1024;
const LONGEST_TIMER = 2 ** 31 - 1;
/** @throws IPCError ERR_IPC_CONFIG that names the bad option */
export function settings(options) {
    const chosen = {
        name: options.name,
        peer: options.peer,
        directory: options.directory,
        heartbeat: options.heartbeat ?? 500,
        grace: options.grace ?? 10_000,
        requestTimeout: options.requestTimeout ?? 10_000,
        maxMessageSize: options.maxMessageSize ?? 16 * MEBI,
        maxPendingBytes: options.maxPendingBytes ?? 64 * MEBI,
    };
    for (const key of ['name', 'peer', 'directory']) {
        const value = chosen[key];
        if (value !== undefined && (typeof value !== 'string' || value === ''))
            throw bad(key, value, 'a string');
    }
    if (chosen.peer === 'all')
        throw bad('peer', 'all', "another name than 'all', which means every peer");
    range('heartbeat', chosen, 10, 'milliseconds, from 10');
    range('grace', chosen, 0, 'milliseconds, from 0');
    range('requestTimeout', chosen, 0, 'milliseconds (0 waits forever)');
    range('maxMessageSize', chosen, 1, 'a number of characters, from 1');
    range('maxPendingBytes', chosen, 1, 'a number of characters, from 1');
    return chosen;
}
/** What the engine needs to know, for one peer. */
export function engineConfig({ maxMessageSize }) {
    return {
        ...defaults(),
        silent: true,
        exclusive: true,
        sameUser: true,
        identifyPeer: false,
        maxConnections: Number.MAX_SAFE_INTEGER,
        // A character takes at most three bytes, or two with its escape; what waits is bounded by the senders' windows.
        maxMessageSize: 3 * maxMessageSize + 64 * 1024,
        maxPendingBytes: Number.MAX_SAFE_INTEGER,
    };
}
function range(key, chosen, least, expected) {
    const value = chosen[key];
    const most = key.startsWith('max') ? Number.MAX_SAFE_INTEGER : LONGEST_TIMER;
    if (typeof value === 'number' && value >= least && value <= most)
        return;
    throw bad(key, value, expected);
}
function bad(key, value, expected) {
    return new IPCError('ERR_IPC_CONFIG', `The channel's ${key} is ${inspect(value)}; it must be ${expected}.`);
}
//# sourceMappingURL=options.js.map