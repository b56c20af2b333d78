import { dirname } from 'node:path';
import { describe, isInherited, type SocketAddress } from '../../entities/address.js';
import { codeOf, IPCError, type IPCErrorCode, messageOf } from '../../entities/errors.js';
import { platformPath } from './platform-path.js';

/** Whether a path is, or will be converted to, the name of a Windows pipe, which has no directory. */
function isPipe(path: string): boolean {
  return /^[\\/]{2}[.?][\\/]pipe[\\/]/i.test(platformPath(path));
}

function missing(path: string): string {
  if (isPipe(path)) return 'no pipe is there; start the server, and check its config.id';
  return `no socket is there; start the server, and check that ${dirname(path)} exists`;
}

function forbidden(path: string): string {
  if (isPipe(path))
    return 'the pipe is for its owner; the server can open it with config.readableAll and config.writableAll';
  return 'check that the directory exists and that this user may use it and the socket';
}

const NO_LISTENER = 'this descriptor is not a socket that listens; let the parent process pass one';

/** What to do about the errors of a descriptor that was inherited. */
const DESCRIPTOR_HINTS: Readonly<Record<string, string>> = {
  EBADF: 'this process has no such descriptor; let the parent process pass a socket that listens',
  EINVAL: NO_LISTENER,
  ENOTSOCK: NO_LISTENER,
  EEXIST: 'this process uses the descriptor already; give one that its parent process passed',
};

/** What to do about common system errors. */
function hintOf(code: string, address: SocketAddress): string {
  const local = address.transport === 'unix';
  if (isInherited(address)) return DESCRIPTOR_HINTS[code] ?? 'see error.cause';
  const hints: Record<string, string> = {
    EACCES: local
      ? forbidden(describe(address))
      : 'ports below 1024 are for privileged users; choose a higher one',
    EADDRINUSE: 'another process listens there; stop it, or choose another address',
    EADDRNOTAVAIL: 'this machine has no such address; check config.networkHost',
    ECONNREFUSED: 'nobody listens there; start the server, or let the client retry',
    EMFILE: 'this process has no file descriptor left; close something or raise the limit (ulimit -n)',
    ENOENT: local ? missing(describe(address)) : 'no such host; check config.networkHost',
    ENOTSUP: 'this system does not support that setting; leave it out',
    ENOTFOUND: 'the host name does not resolve; check config.networkHost',
    EAI_AGAIN: 'the host name does not resolve just now; check config.networkHost and the name service',
    ELOOP: 'the path contains a loop of symbolic links; choose another path',
    ENOTDIR: 'a part of the path before the last is not a directory; choose another path',
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
  'EBADF',
  'EINVAL',
  'ELOOP',
  'ENOENT',
  'ENOTDIR',
  'ENOTSOCK',
  'EROFS',
]);

/** Converts a system error about an address to an IPCError. */
function failure(what: string, fallback: IPCErrorCode, cause: unknown, address: SocketAddress): IPCError {
  if (cause instanceof IPCError) return cause;
  const system = codeOf(cause);
  const message = `${what} ${describe(address)}: ${messageOf(cause)}; ${hintOf(system, address)}.`;
  return new IPCError(fallback, message, { cause });
}

/** The error of a failed attempt to connect: ERR_IPC_CONNECT, or the transport's own IPCError. */
export function dialFailure(cause: unknown, address: SocketAddress): IPCError {
  return failure('Cannot connect to', 'ERR_IPC_CONNECT', cause, address);
}

/** The error of a failed attempt to listen: ERR_IPC_IN_USE, ERR_IPC_ADDRESS or ERR_IPC_LISTEN. */
export function listenFailure(cause: unknown, address: SocketAddress): IPCError {
  const system = codeOf(cause);
  if (system === 'EADDRINUSE' || system === 'EEXIST')
    return failure('Cannot listen on', 'ERR_IPC_IN_USE', cause, address);
  const code = ADDRESS_FAULTS.has(system) ? 'ERR_IPC_ADDRESS' : 'ERR_IPC_LISTEN';
  return failure('Cannot listen on', code, cause, address);
}

/** The error codes that OpenSSL reports for bytes that are not TLS. */
export const NOT_TLS = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_BAD_RECORD_TYPE',
  'ERR_SSL_UNEXPECTED_MESSAGE',
]);

/** The message of an OpenSSL error, without the location in OpenSSL's source. */
export function reasonOf(cause: unknown): string {
  const { reason } = (cause ?? {}) as { reason?: unknown };
  return typeof reason === 'string' && codeOf(cause).startsWith('ERR_SSL_') ? reason : messageOf(cause);
}

/** The error of a client whose TLS handshake failed. */
export function handshakeFailure(cause: unknown, address: SocketAddress): IPCError {
  if (cause instanceof IPCError) return cause;
  const what = `The TLS handshake with ${describe(address)} failed: `;
  const code = codeOf(cause);
  const why = NOT_TLS.has(code)
    ? `the server does not speak TLS (${reasonOf(cause)}); set config.tls for that server, or leave it out here.`
    : code === 'ECONNRESET'
      ? 'the server ended the connection; check that it serves over TLS (config.tls) and accepts our certificate.'
      : `${reasonOf(cause)}; check that the server's certificate is trusted (config.tls.trustedConnections) and names ` +
        'this host, and that the server accepts ours.';
  return new IPCError('ERR_IPC_HANDSHAKE', what + why, { cause });
}

/**
 * The error of a connection that broke. Under TLS 1.3 a client learns that its certificate was refused only after the
 * handshake.
 */
export function brokenFailure(cause: Error): IPCError {
  if (codeOf(cause).startsWith('ERR_SSL_')) {
    const message = `The other side ended TLS: ${reasonOf(cause)}; check config.tls on both sides.`;
    return new IPCError('ERR_IPC_HANDSHAKE', message, { cause });
  }
  return new IPCError('ERR_IPC_SOCKET', `The connection broke: ${messageOf(cause)}.`, { cause });
}
