import type { SocketAddress } from '../../../entities/address.js';
import { IPCError } from '../../../entities/errors.js';
import {
  brokenFailure,
  dialFailure,
  handshakeFailure,
  listenFailure,
  reasonOf,
} from '../../../lib/transports/failure.js';
import { ipcError } from '../../support/errors.js';

const path: SocketAddress = { transport: 'unix', path: '/tmp/app.world' };
const host: SocketAddress = { transport: 'tcp', host: '::1', port: 80 };
const endpoint: SocketAddress = { transport: 'udp', family: 'udp4', host: '127.0.0.1', port: 8000 };

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: said the system`), { code });
}

describe('A dial that failed', () => {
  it('reports the address, the error of the system, and what to do', () => {
    const cause = systemError('ECONNREFUSED');
    const error = dialFailure(cause, host);
    expect(error).toEqual(ipcError('ERR_IPC_CONNECT'));
    expect(error.message).toBe(
      'Cannot connect to [::1]:80: ECONNREFUSED: said the system; nobody listens there; start the server, or let the client retry.',
    );
    expect(error.cause).toBe(cause);
  });

  it('gives advice for the kind of address', () => {
    const said = (code: string, address: SocketAddress) => dialFailure(systemError(code), address).message;
    if (process.platform !== 'win32') {
      expect(said('ENOENT', path)).toContain('start the server, and check that /tmp exists');
      expect(said('EACCES', path)).toContain('this user may use it and the socket');
    }
    const pipe: SocketAddress = { transport: 'unix', path: String.raw`\\.\pipe\tmp-app.world` };
    expect(said('ENOENT', pipe)).toContain('no pipe is there; start the server, and check its config.id');
    expect(said('EACCES', pipe)).toContain('the pipe is for its owner');
    expect(said('ENOENT', host)).toContain('no such host');
    expect(said('EACCES', host)).toContain('ports below 1024');
    expect(said('ENOTFOUND', host)).toContain('check config.networkHost');
  });

  it('has the cause if there is no better explanation', () => {
    expect(dialFailure(systemError('EWHATEVER'), host).message).toMatch(
      /EWHATEVER: said the system; see error\.cause\.$/,
    );
    expect(dialFailure('a text', host)).toEqual(ipcError('ERR_IPC_CONNECT', 'a text'));
  });

  it('is unchanged if a transport has already explained it', () => {
    const error = new IPCError('ERR_IPC_REFUSED', 'no');
    expect(dialFailure(error, path)).toBe(error);
    expect(listenFailure(error, path)).toBe(error);
  });
});

describe('A listener that failed', () => {
  it('reports what is wrong with a descriptor that was inherited', () => {
    const inherited: SocketAddress = { transport: 'unix', path: '', fd: 3 };
    const errorOf = (code: string) => listenFailure(systemError(code), inherited);
    for (const code of ['EINVAL', 'ENOTSOCK']) {
      expect(errorOf(code)).toEqual(ipcError('ERR_IPC_ADDRESS', 'not a socket that listens; let the parent'));
    }
    expect(errorOf('EBADF')).toEqual(ipcError('ERR_IPC_ADDRESS', 'this process has no such descriptor'));
    expect(errorOf('EEXIST')).toEqual(ipcError('ERR_IPC_IN_USE', 'uses the descriptor already'));
    expect(errorOf('EWHATEVER')).toEqual(ipcError('ERR_IPC_LISTEN', 'see error.cause'));
  });

  it('reports an address in use', () => {
    for (const address of [path, host, endpoint]) {
      expect(listenFailure(systemError('EADDRINUSE'), address)).toEqual(
        ipcError('ERR_IPC_IN_USE', 'another process listens there; stop it, or choose another address'),
      );
    }
  });

  it('reports an address that does not work on this machine', () => {
    const faults = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EACCES', 'ENAMETOOLONG', 'EINVAL'];
    faults.push('ELOOP', 'ENOENT', 'ENOTDIR', 'EROFS');
    for (const code of faults) {
      const error = listenFailure(systemError(code), path);
      expect(error).toEqual(ipcError('ERR_IPC_ADDRESS', 'Cannot listen on /tmp/app.world: '));
    }
    expect(listenFailure(systemError('EADDRNOTAVAIL'), endpoint).message).toContain('127.0.0.1:8000');
  });

  it('reports other errors', () => {
    expect(listenFailure(systemError('EMFILE'), path)).toEqual(ipcError('ERR_IPC_LISTEN', 'ulimit -n'));
    expect(listenFailure(undefined, path)).toEqual(ipcError('ERR_IPC_LISTEN', 'undefined'));
  });
});

/** An error as OpenSSL reports it: its message starts with a location in the source. */
function opensslError(code: string, reason: unknown): Error {
  return Object.assign(new Error(`0:error:0A:SSL routines:${code}:a.c:1`), { code, reason });
}

describe('The reason of an error', () => {
  it('is that of OpenSSL without the location in its source, and otherwise the message', () => {
    expect(reasonOf(opensslError('ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number'))).toBe(
      'wrong version number',
    );
    expect(reasonOf(opensslError('ERR_SSL_X', 5))).toBe('0:error:0A:SSL routines:ERR_SSL_X:a.c:1');
    expect(reasonOf(Object.assign(systemError('ECONNRESET'), { reason: 'another' }))).toBe(
      'ECONNRESET: said the system',
    );
    expect([reasonOf(undefined), reasonOf(null), reasonOf('a text')]).toEqual([
      'undefined',
      'null',
      'a text',
    ]);
  });
});

describe('A TLS handshake that failed', () => {
  const FAILED = 'The TLS handshake with [::1]:80 failed: ';

  it('reports a server that does not speak TLS', () => {
    const cause = opensslError('ERR_SSL_HTTP_REQUEST', 'http request');
    const error = handshakeFailure(cause, host);
    expect(error).toEqual(ipcError('ERR_IPC_HANDSHAKE'));
    expect(error.message).toBe(
      `${FAILED}the server does not speak TLS (http request); set config.tls for that server, or leave it out here.`,
    );
    expect(error.cause).toBe(cause);
  });

  it('reports a server that ended the connection', () => {
    expect(handshakeFailure(systemError('ECONNRESET'), host).message).toBe(
      `${FAILED}the server ended the connection; check that it serves over TLS (config.tls) and accepts our certificate.`,
    );
  });

  it('advises to check the certificates in all other cases', () => {
    const advice =
      "; check that the server's certificate is trusted (config.tls.trustedConnections) and names this host, and that the server accepts ours.";
    expect(handshakeFailure(opensslError('ERR_SSL_X', 'some reason'), host).message).toBe(
      `${FAILED}some reason${advice}`,
    );
    expect(handshakeFailure(systemError('CERT_HAS_EXPIRED'), host).message).toBe(
      `${FAILED}CERT_HAS_EXPIRED: said the system${advice}`,
    );
  });

  it('is unchanged if a transport has already explained it', () => {
    const error = new IPCError('ERR_IPC_REFUSED', 'no');
    expect(handshakeFailure(error, host)).toBe(error);
  });
});

describe('A connection that broke', () => {
  it('reports whether TLS or the connection has ended, with the cause', () => {
    const refused = opensslError('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate required');
    expect(brokenFailure(refused)).toEqual(
      ipcError(
        'ERR_IPC_HANDSHAKE',
        /^The other side ended TLS: certificate required; check config\.tls on both sides\.$/,
      ),
    );
    const reset = systemError('ECONNRESET');
    expect(brokenFailure(reset)).toEqual(
      ipcError('ERR_IPC_SOCKET', /^The connection broke: ECONNRESET: said the system\.$/),
    );
    expect([brokenFailure(refused).cause, brokenFailure(reset).cause]).toEqual([refused, reset]);
  });
});
