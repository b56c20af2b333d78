import { defaults, validate } from '../../entities/config.js';
const KEYS = [
    'maxMessageSize',
    'maxPendingBytes',
    'messageTimeout',
    'handshakeTimeout',
    'unlink',
    'readableAll',
    'writableAll',
    'mode',
    'group',
    'exclusive',
    'sameUser',
];
/**
 * The engine's config for a drop-in: silent, with no limit on connections, and the given settings.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function faceConfig(options) {
    const config = defaults();
    config.silent = true;
    config.identifyPeer = false;
    config.maxConnections = Number.POSITIVE_INFINITY;
    for (const key of KEYS) {
        if (options[key] !== undefined)
            Object.assign(config, { [key]: options[key] });
    }
    validate(config);
    return config;
}
//# sourceMappingURL=config.js.map