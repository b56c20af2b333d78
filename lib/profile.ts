import type { Address } from '../entities/address.js';
import type { Config } from '../entities/config.js';
import { IPCError } from '../entities/errors.js';

/**
 * Checks that a server or client is what `config.profile` promises. Of a Unix socket's directory it is checked when the server
 * listens, or the client connects, that nobody but this user reaches it.
 * @throws IPCError ERR_IPC_CONFIG
 */
export function checkProfile(config: Config, address: Address, role: 'client' | 'server'): void {
  if (config.profile !== 'assured') return;
  const fault = faultOf(config, address, role);
  if (fault === undefined) return;
  const message = `config.profile is 'assured', and ${fault}, or choose the profile 'guarded'.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

function faultOf(config: Config, address: Address, role: 'client' | 'server'): string | undefined {
  if (address.transport === 'udp') return 'UDP tells nobody who sends; use TLS or a Unix socket';
  if (address.transport === 'tcp') return 'TCP tells nobody who sends; set config.tls';
  if (address.transport === 'tls') return tlsFault(config, role);
  if (address.transport === 'port') return undefined;
  if (address.fd !== undefined)
    return 'a socket that listens already is not in a directory of this user’s; give a path';
  if (process.platform === 'win32') return 'nothing tells who may open a Windows pipe; use TLS';
  return 'path' in address && address.path.startsWith('\0')
    ? 'an abstract socket is in no directory; use a path'
    : undefined;
}

function tlsFault({ tls }: Config, role: 'client' | 'server'): string | undefined {
  if (!tls) return 'there are no certificates; set config.tls';
  const { private: key, public: certificate, trustedConnections, requestCert, rejectUnauthorized } = tls;
  const own = (key ?? tls.key ?? tls.pfx) !== undefined && (certificate ?? tls.cert ?? tls.pfx) !== undefined;
  if (!own) return `a ${role} needs a certificate; set config.tls.private and config.tls.public`;
  if ((trustedConnections ?? tls.ca) === undefined) {
    return 'nothing says whose certificates are trusted; set config.tls.trustedConnections';
  }
  if (rejectUnauthorized === false)
    return 'certificates are not checked; leave out config.tls.rejectUnauthorized';
  if (role === 'server' && requestCert !== true) {
    return 'clients are not asked for certificates; set config.tls.requestCert to true';
  }
  return undefined;
}
