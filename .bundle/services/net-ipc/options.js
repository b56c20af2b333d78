import { isIP } from 'node:net';
import { IPCError } from '../../entities/errors.js';
import { faceConfig } from '../face/config.js';
const DEFAULT_PATH = 'net-ipc';
const DEFAULT_PORT = 4466;
const DEFAULT_RETRIES = 3;
const DEFAULT_RETRY_TIME = 10_000;
/** By how much each wait is longer than the one before, in milliseconds. */
const STEP = 500;
/** @throws IPCError ERR_IPC_ARGUMENT */
export function clientSettings(given) {
    const { host, port } = placeOf(given);
    const path = given.path ?? (host === undefined ? DEFAULT_PATH : undefined);
    check(host === undefined || isFilled(host), 'host', host, 'a host name or an IP address');
    check(port === undefined || isPort(port), 'port', given.port ?? port, 'a port, from 1 to 65535');
    check(path === undefined || isFilled(path), 'path', path, 'the path of a socket');
    check(!given.tls || host !== undefined, 'tls', true, 'false with a path: TLS goes over TCP, so give a host');
    return {
        path,
        host,
        port: host === undefined ? port : (port ?? DEFAULT_PORT),
        tls: Boolean(given.tls),
        options: optionsOf(given.options),
        handshake: Boolean(given.handshake),
        compress: Boolean(given.compress),
        messagepack: Boolean(given.messagepack),
        reconnect: given.reconnect === undefined || Boolean(given.reconnect),
        retries: Number(given.retries) > 0 ? Number(given.retries) : DEFAULT_RETRIES,
        maxRetryTime: Number(given.maxRetryTime) >= STEP ? Number(given.maxRetryTime) : DEFAULT_RETRY_TIME,
    };
}
/** @throws IPCError ERR_IPC_ARGUMENT */
export function serverSettings(given) {
    const port = given.port ?? undefined;
    const path = given.path ?? (port === undefined ? DEFAULT_PATH : undefined);
    const max = Number(given.max) > 0 ? Number(given.max) : undefined;
    check(port === undefined || port === 0 || isPort(port), 'port', port, 'a port, from 0 to 65535');
    check(path === undefined || isFilled(path), 'path', path, 'the path of a socket');
    check(!given.tls || path === undefined, 'tls', true, 'false with a path: TLS goes over TCP, so give a port');
    return {
        path,
        port: path === undefined ? port : undefined,
        tls: Boolean(given.tls),
        options: optionsOf(given.options),
        listener: { ...given.listenOptions },
        max,
        retries: Number(given.retries) >= 0 ? Number(given.retries) : DEFAULT_RETRIES,
        idGen: typeof given.generateID === 'function' ? given.generateID : undefined,
    };
}
/** Where to connect over TCP, if so. A port may come as text, from the environment say; null is as good as nothing. */
function placeOf({ url, host, port }) {
    if ((url ?? undefined) !== undefined)
        return parseUrl(String(url));
    return { host: host ?? undefined, port: typeof port === 'string' ? Number(port) : (port ?? undefined) };
}
/** How long to wait before a try, in milliseconds. */
export function retryTime(attempt, most = DEFAULT_RETRY_TIME) {
    return Math.min(STEP * attempt, most);
}
/** The engine's config of a client. @throws IPCError ERR_IPC_CONFIG */
export function clientConfig(settings, given, payload) {
    const config = faceConfig(given);
    const { host, tls, options } = settings;
    config.interfaces = { keepAlive: true, ...options };
    if (tls)
        config.tls = { ...serverName(host), ...options };
    config.codec = settings.messagepack ? 'msgpack' : 'json';
    config.compress = settings.compress;
    config.credentials = payload;
    config.stopRetrying = !settings.reconnect;
    config.maxRetries = settings.retries;
    return config;
}
/** The engine's config of a server. @throws IPCError ERR_IPC_CONFIG */
export function serverConfig(settings, given) {
    const config = faceConfig(given);
    config.accept = ['net-ipc'];
    if (settings.tls)
        config.tls = settings.options;
    if (settings.max !== undefined)
        config.maxConnections = settings.max;
    const { readableAll, writableAll, exclusive, ...listenOptions } = settings.listener;
    config.readableAll ||= readableAll === true;
    config.writableAll ||= writableAll === true;
    config.exclusive ||= exclusive === true;
    return Object.assign(config, { listenOptions, serverOptions: settings.options });
}
/** The name that a server's certificate is asked for by. */
function serverName(host) {
    return host === undefined || isIP(host) ? {} : { servername: host };
}
function parseUrl(url) {
    const found = /^(?:\w+:\/\/)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/.exec(url);
    check(found !== null, 'url', url, 'host:port');
    const [, host = '', port] = found ?? [];
    return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? undefined : Number(port) };
}
function optionsOf(options) {
    check(options === undefined || typeof options === 'object', 'options', options, 'an object');
    return { ...options };
}
function isFilled(value) {
    return typeof value === 'string' && value !== '';
}
function isPort(value) {
    return Number.isInteger(value) && value > 0 && value <= 65_535;
}
function check(fine, key, value, expected) {
    if (fine)
        return;
    throw new IPCError('ERR_IPC_ARGUMENT', `options.${key} is ${JSON.stringify(value)}; it must be ${expected}.`);
}
//# sourceMappingURL=options.js.map