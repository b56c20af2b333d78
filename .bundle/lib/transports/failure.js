import { dirname } from 'node:path';
import { describe } from '../../entities/address.js';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
/** What to do about the system errors that people meet. */
function hintOf(code, address) {
    const local = address.transport === 'local';
    const hints = {
        EACCES: local
            ? 'check that the directory exists and that this user may use it and the socket'
            : 'ports below 1024 are for privileged users; choose a higher one',
        EADDRINUSE: 'another process listens there; stop it, or choose another address',
        EADDRNOTAVAIL: 'this machine has no such address; check config.networkHost',
        ECONNREFUSED: 'nobody listens there; start the server, or let the client retry',
        EMFILE: 'this process has no file descriptor left; close something or raise the limit (ulimit -n)',
        ENOENT: local
            ? `no socket is there; start the server, and check that ${dirname(describe(address))} exists`
            : 'no such host; check config.networkHost',
        ENOTFOUND: 'the host name does not resolve; check config.networkHost',
        EAI_AGAIN: 'the host name does not resolve just now; check config.networkHost and the name service',
        ELOOP: 'a link on the way leads in a circle; choose another path',
        ENOTDIR: 'a part of the path before the last is no directory; choose another path',
        ENOSPC: 'the disk is full; make room',
        EROFS: 'the file system takes no new files; choose another config.socketRoot',
        ETIMEDOUT: 'the host does not answer; check the address and the firewall',
    };
    return hints[code] ?? 'see error.cause';
}
const ADDRESS_FAULTS = new Set([
    'EADDRNOTAVAIL',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EACCES',
    'ENAMETOOLONG',
    'EINVAL',
    'ELOOP',
    'ENOENT',
    'ENOTDIR',
    'EROFS',
]);
/** The IPCError of a system error met on the way to an address. */
function failure(what, fallback, cause, address) {
    if (cause instanceof IPCError)
        return cause;
    const system = codeOf(cause);
    const message = `${what} ${describe(address)}: ${messageOf(cause)}; ${hintOf(system, address)}.`;
    return new IPCError(fallback, message, { cause });
}
/** Why a dial failed: ERR_IPC_CONNECT, or what a transport said itself. */
export function dialFailure(cause, address) {
    return failure('Cannot connect to', 'ERR_IPC_CONNECT', cause, address);
}
/** Why listening failed: ERR_IPC_IN_USE, ERR_IPC_ADDRESS or ERR_IPC_LISTEN. */
export function listenFailure(cause, address) {
    const system = codeOf(cause);
    if (system === 'EADDRINUSE' || system === 'EEXIST')
        return failure('Cannot listen on', 'ERR_IPC_IN_USE', cause, address);
    const code = ADDRESS_FAULTS.has(system) ? 'ERR_IPC_ADDRESS' : 'ERR_IPC_LISTEN';
    return failure('Cannot listen on', code, cause, address);
}
//# sourceMappingURL=failure.js.map