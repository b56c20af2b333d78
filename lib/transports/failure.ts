import { dirname } from 'node:path';
import { type Address, describe } from '../../entities/address.js';
import { codeOf, IPCError, type IPCErrorCode, messageOf } from '../../entities/errors.js';

/** What to do about the system errors that people meet. */
function hintOf(code: string, address: Address): string {
  const local = address.transport === 'unix';
  const hints: Record<string, string> = {
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
function failure(what: string, fallback: IPCErrorCode, cause: unknown, address: Address): IPCError {
  if (cause instanceof IPCError) return cause;
  const system = codeOf(cause);
  const message = `${what} ${describe(address)}: ${messageOf(cause)}; ${hintOf(system, address)}.`;
  return new IPCError(fallback, message, { cause });
}

/** Why a dial failed: ERR_IPC_CONNECT, or what a transport said itself. */
export function dialFailure(cause: unknown, address: Address): IPCError {
  return failure('Cannot connect to', 'ERR_IPC_CONNECT', cause, address);
}

/** Why listening failed: ERR_IPC_IN_USE, ERR_IPC_ADDRESS or ERR_IPC_LISTEN. */
export function listenFailure(cause: unknown, address: Address): IPCError {
  const system = codeOf(cause);
  if (system === 'EADDRINUSE' || system === 'EEXIST')
    return failure('Cannot listen on', 'ERR_IPC_IN_USE', cause, address);
  const code = ADDRESS_FAULTS.has(system) ? 'ERR_IPC_ADDRESS' : 'ERR_IPC_LISTEN';
  return failure('Cannot listen on', code, cause, address);
}

/** The error of a client whose TLS handshake failed. */
export function handshakeFailure(cause: unknown, address: Address): IPCError {
  const message =
    `The TLS handshake with ${describe(address)} failed: ${messageOf(cause)}; check that the server's certificate is ` +
    'trusted (config.tls.trustedConnections) and names this host, and that the server accepts ours.';
  return new IPCError('ERR_IPC_HANDSHAKE', message, { cause });
}

/** The error of a connection that broke. Under TLS 1.3 a refused certificate shows only after the handshake. */
export function brokenFailure(cause: Error): IPCError {
  if (codeOf(cause).startsWith('ERR_SSL_')) {
    const message = `The other side ended TLS: ${messageOf(cause)}; check config.tls on both sides.`;
    return new IPCError('ERR_IPC_HANDSHAKE', message, { cause });
  }
  return new IPCError('ERR_IPC_SOCKET', `The connection broke: ${messageOf(cause)}.`, { cause });
}
