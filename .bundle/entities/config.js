import { hostname } from 'node:os';
import { IPCError } from './errors.js';
import { inspect } from './inspect.js';
const MEBIBYTE = 1024 * 1024;
/** A fresh config with node-ipc's defaults and ours. */
export function defaults() {
    const config = {
        appspace: 'app.',
        socketRoot: '/tmp/',
        id: hostname(),
        networkHost: 'localhost',
        networkPort: 8000,
        readableAll: false,
        writableAll: false,
        mode: undefined,
        group: undefined,
        encoding: 'utf8',
        rawBuffer: false,
        delimiter: '\f',
        sync: false,
        silent: false,
        logInColor: true,
        logDepth: 5,
        logger: console.log.bind(console),
        logPayloads: false,
        maxConnections: 100,
        retry: 500,
        maxRetries: false,
        stopRetrying: false,
        unlink: true,
        sameUser: false,
        exclusive: false,
        interfaces: { localAddress: false, localPort: false, family: false, hints: false, lookup: false },
        tls: false,
        maxMessageSize: 64 * MEBIBYTE,
        maxPendingBytes: 64 * MEBIBYTE,
        messageTimeout: 30_000,
        handshakeTimeout: 10_000,
        requestTimeout: 10_000,
        allowReservedEvents: false,
        identifyPeer: true,
        codec: 'json',
        compress: false,
        credentials: undefined,
        authorize: undefined,
        accept: ['json'],
        dialect: 'json',
    };
    Object.defineProperty(config, 'interface', {
        enumerable: false,
        configurable: true,
        get: () => config.interfaces,
        set: (value) => {
            config.interfaces = value;
        },
    });
    return config;
}
/** Characters that JSON.stringify writes outside strings or inside its escapes: no delimiter may consist of these. */
const JSON_SYNTAX = new Set('{}[]:,"\\ \t\r\n0123456789+-.eEtrufalsnbcd');
/** The first character of a delimiter that JSON uses only inside strings, or '' where there is none. */
export function safeCharacter(delimiter) {
    for (const character of delimiter) {
        const code = character.codePointAt(0) ?? 0;
        const control = code < 0x20 && JSON.stringify(character).length > 3;
        if (control || !JSON_SYNTAX.has(character))
            return character;
    }
    return '';
}
const text = (value) => typeof value === 'string';
const filled = (value) => typeof value === 'string' && value.length > 0;
const flag = (value) => typeof value === 'boolean';
const number = (min, max = Number.POSITIVE_INFINITY) => {
    return (value) => typeof value === 'number' && value >= min && value <= max;
};
const port = (value) => number(0, 65_535)(value) && Number.isInteger(value);
const natural = (value) => number(0)(value) && Number.isInteger(value);
const mode = (value) => {
    if (typeof value === 'string')
        return /^(0o|0)?[0-7]{3}$/.test(value);
    return value === undefined || (natural(value) && value <= 0o777);
};
const oneOf = (...values) => {
    return (value) => values.includes(value);
};
const object = (value) => typeof value === 'object' && value !== null;
const callable = (value) => typeof value === 'function';
const LONGEST_TIMER = 2 ** 31 - 1;
const duration = number(0, LONGEST_TIMER);
const delay = (value) => {
    if (!object(value))
        return duration(value);
    const { min, max } = value;
    return duration(min) && duration(max) && min <= max;
};
const delimiter = (value) => {
    return filled(value) && value.isWellFormed() && safeCharacter(value) !== '';
};
const dialects = ['json', 'net-ipc', 'topic'];
const encodings = ['ascii', 'utf8', 'utf-8', 'utf16le', 'ucs2', 'base64', 'hex', 'latin1', 'binary'];
const milliseconds = 'milliseconds, from 0 to 2147483647';
const CHECKS = [
    ['appspace', text, 'a string'],
    ['socketRoot', text, 'a string, the directory of the sockets'],
    ['id', filled, 'a string that is not empty'],
    ['networkHost', filled, 'a host name or an IP address'],
    ['networkPort', port, 'a port, from 0 to 65535'],
    ['readableAll', flag, 'true or false'],
    ['writableAll', flag, 'true or false'],
    ['mode', mode, "permissions such as 0o660 or '660', up to 0o777"],
    [
        'group',
        (value) => value === undefined || filled(value) || natural(value),
        'the name or the number of a group',
    ],
    ['encoding', oneOf(...encodings), `one of ${encodings.join(', ')}`],
    ['rawBuffer', flag, 'true or false'],
    [
        'delimiter',
        delimiter,
        String.raw `a string with a character that JSON uses only inside strings, such as '\f', '\n', '||' or '§'`,
    ],
    ['sync', flag, 'true or false'],
    ['silent', flag, 'true or false'],
    ['logInColor', flag, 'true or false'],
    ['logDepth', (value) => value === null || number(0)(value), 'a number of levels, from 0'],
    ['logger', callable, 'a function that takes a string'],
    ['logPayloads', flag, 'true or false'],
    ['maxConnections', number(0), 'a number of connections, from 0 (which sets no limit)'],
    ['retry', delay, `${milliseconds}, or { min, max } of such`],
    ['maxRetries', (value) => flag(value) || number(0)(value), 'false, or a number of retries from 0'],
    ['stopRetrying', (value) => flag(value) || number(0)(value), 'true, false, or a number of retries from 0'],
    ['unlink', oneOf(true, false, 'force'), "true, false or 'force'"],
    ['sameUser', flag, 'true or false'],
    ['exclusive', flag, 'true or false'],
    ['interfaces', object, 'an object: { localAddress, localPort, family, hints, lookup }'],
    [
        'tls',
        (value) => value === false || value === undefined || object(value),
        'false, or an object of options',
    ],
    ['maxMessageSize', number(1), 'a number of bytes, from 1'],
    ['maxPendingBytes', number(1), 'a number of bytes, from 1'],
    ['messageTimeout', duration, `${milliseconds} (0 turns it off)`],
    ['handshakeTimeout', duration, `${milliseconds} (0 turns it off)`],
    ['requestTimeout', duration, `${milliseconds} (0 waits forever)`],
    ['allowReservedEvents', flag, 'true or false'],
    ['identifyPeer', flag, 'true or false'],
    ['codec', oneOf('json', 'msgpack'), "'json' or 'msgpack'"],
    ['compress', flag, 'true or false'],
    [
        'authorize',
        (value) => value === undefined || callable(value),
        'a function (credentials, socket) => boolean',
    ],
    [
        'accept',
        (value) => Array.isArray(value) && value.length > 0 && value.every((name) => dialects.includes(name)),
        `a list of ${dialects.join(', ')}`,
    ],
    ['dialect', oneOf(...dialects), `one of ${dialects.join(', ')}`],
];
/**
 * Checks a config before it is used.
 * @throws IPCError ERR_IPC_CONFIG that names the first bad key, its value and what is expected.
 */
export function validate(config) {
    for (const [key, check, expected] of CHECKS) {
        if (!check(config[key])) {
            const value = inspect(config[key], { depth: 1, breakLength: Number.POSITIVE_INFINITY });
            throw new IPCError('ERR_IPC_CONFIG', `config.${key} is ${value}; it must be ${expected}.`);
        }
    }
    if (config.rawBuffer)
        checkRaw(config);
}
/** Bytes as they are hold no hello, which these would need. */
function checkRaw({ codec, compress, credentials, authorize }) {
    const wanted = { codec: codec !== 'json', compress, credentials: credentials !== undefined, authorize };
    for (const [key, set] of Object.entries(wanted)) {
        if (!set)
            continue;
        const message = `config.${key} does not go with config.rawBuffer, which sends nothing but your bytes; unset one of them.`;
        throw new IPCError('ERR_IPC_CONFIG', message);
    }
}
/** How often a client may retry after a connection is lost, by `maxRetries` and `stopRetrying` together. */
export function retryLimit(config) {
    const { maxRetries, stopRetrying } = config;
    const most = typeof maxRetries === 'number' ? maxRetries : Number.POSITIVE_INFINITY;
    if (stopRetrying === true)
        return 0;
    return typeof stopRetrying === 'number' ? Math.min(most, stopRetrying) : most;
}
/** The next wait of a {@link Delay}. */
export function delayOf(delay) {
    return typeof delay === 'number' ? delay : delay.min + Math.random() * (delay.max - delay.min);
}
//# sourceMappingURL=config.js.map