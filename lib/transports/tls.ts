import type { Socket } from 'node:net';
import type { ConnectionOptions, TLSSocket, TlsOptions } from 'node:tls';
import { describe, type NetAddress } from '../../entities/address.js';
import type { Interfaces, TlsConfig } from '../../entities/config/network.js';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { inspect } from '../../entities/inspect.js';
import { LONGEST_TIMER } from '../../entities/limits.js';
import { fs, nodeTls } from '../lazy-modules.js';
import { NOT_TLS, reasonOf } from './failure.js';
import { dialTarget, KEEPING, listenOn } from './tcp.js';
import { guardCallbacks } from './tls-callbacks.js';
import type {
  AssuranceOptions,
  DialOptions,
  ListenEvents,
  ListenOptions,
  StreamListener,
  StreamTransport,
} from './transport.js';

/** The start of every PEM block. */
const PEM = '-----';
/** The option of `node:tls` for the content of each file. */
const CONTENT_KEYS: Record<string, string> = { private: 'key', public: 'cert', trustedConnections: 'ca' };

/** @throws IPCError ERR_IPC_CONFIG */
function read(key: string, file: string): Buffer {
  if (file.includes(PEM)) {
    // The text may be a private key, so the message does not show it.
    const message = `config.tls.${key} holds PEM text, where it takes a file's name; give the text as config.tls.${CONTENT_KEYS[key] ?? key}.`;
    throw new IPCError('ERR_IPC_CONFIG', message);
  }
  let content: Buffer;
  try {
    content = fs.readFileSync(file);
  } catch (cause) {
    const message = `config.tls.${key} names ${file}, which cannot be read: ${messageOf(cause)}.`;
    throw new IPCError('ERR_IPC_CONFIG', message, { cause });
  }
  if (content.includes(PEM)) return content;
  const message = `config.tls.${key} names ${file}, which has no PEM text; convert it, as with: openssl x509 -inform der, or openssl pkey -inform der.`;
  throw new IPCError('ERR_IPC_CONFIG', message);
}

/** Diffie-Hellman parameters, given by content or, as in node-ipc, by file name. */
function diffieHellman(dhparam: string | Buffer): string | Buffer {
  if (typeof dhparam !== 'string' || dhparam === 'auto' || dhparam.startsWith('-----')) return dhparam;
  return read('dhparam', dhparam);
}

/**
 * Converts a config to options of `node:tls`: it reads the files and passes all other options through. It does not change
 * the config.
 * @throws IPCError ERR_IPC_CONFIG if a file cannot be read
 */
export function tlsOptions(config: TlsConfig): TlsOptions & ConnectionOptions {
  checkContents(config);
  const { public: certificate, private: key, dhparam, trustedConnections, ...rest } = config;
  const options: TlsOptions & ConnectionOptions = rest;
  if (key !== undefined) options.key = read('private', key);
  if (certificate !== undefined) options.cert = read('public', certificate);
  if (dhparam !== undefined) options.dhparam = diffieHellman(dhparam);
  if (trustedConnections !== undefined) {
    const files = typeof trustedConnections === 'string' ? [trustedConnections] : trustedConnections;
    options.ca = files.map((file) => read('trustedConnections', file));
  }
  return guardCallbacks(options);
}

/** Options that `node:tls` accepts only by content. It would treat a file name as an empty list. */
const CONTENTS = { ca: 'trustedConnections', cert: 'public', key: 'private' } as const;

/** Refuses a file name where the content is expected. Otherwise the side would trust nobody, or have no certificate. */
function checkContents(config: TlsConfig): void {
  for (const [key, file] of Object.entries(CONTENTS)) {
    for (const value of [config[key as keyof typeof CONTENTS]].flat()) {
      if (typeof value !== 'string' || value.includes('-----')) continue;
      const message =
        `config.tls.${key} is ${inspect(value.slice(0, 60))}, which is not PEM text; config.tls.${key} takes the content, as in ` +
        `node:tls. Give a file's name as config.tls.${file}.`;
      throw new IPCError('ERR_IPC_CONFIG', message);
    }
  }
}

/** Sockets whose servers have admitted the client. Under TLS 1.3 only the session ticket after the handshake shows that. */
const confirmed = new WeakSet<Socket>();

/** Converts an exception of `node:tls` to a configuration error. */
function usable<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (cause) {
    const message = `config.tls cannot be used: ${messageOf(cause)}; check its keys, certificates and ciphers.`;
    throw new IPCError('ERR_IPC_CONFIG', message, { cause });
  }
}

function definedOf(interfaces: Interfaces): Partial<typeof KEEPING> {
  return Object.fromEntries(Object.entries(interfaces).filter(([, value]) => value !== undefined));
}

function dial(address: NetAddress, options: DialOptions): Socket {
  const settings = {
    ...tlsOptions(options.tls || {}),
    ...(dialTarget(address, options.interfaces) as ConnectionOptions),
  };
  const socket = usable(() => nodeTls().connect(settings));
  const { noDelay, keepAlive, keepAliveInitialDelay } = { ...KEEPING, ...definedOf(options.interfaces) };
  // Not earlier: some systems refuse these options on an unconnected socket, and a connection attempt may try several
  // sockets.
  socket.once('connect', () => socket.setNoDelay(noDelay).setKeepAlive(keepAlive, keepAliveInitialDelay));
  socket.once('session', () => confirmed.add(socket));
  socket.once('secureConnect', () => {
    if (socket.getProtocol() !== 'TLSv1.3') confirmed.add(socket);
  });
  return socket;
}

/**
 * The likely reason why a socket was closed before the server sent anything; undefined if the server had admitted the
 * client.
 */
function refusal(socket: Socket, address: NetAddress): IPCError | undefined {
  if (confirmed.has(socket)) return undefined;
  const message =
    `${describe(address)} ended the connection right after the TLS handshake and sent nothing; check that it accepts the ` +
    'certificate of config.tls.public and config.tls.private.';
  return new IPCError('ERR_IPC_HANDSHAKE', message);
}

/** Without `requestCert` the server does not request client certificates, so `trustedConnections` would have no effect. */
function checkTrust({ trustedConnections, requestCert }: TlsConfig): void {
  if (trustedConnections === undefined || requestCert !== undefined) return;
  throw new IPCError(
    'ERR_IPC_CONFIG',
    'config.tls.trustedConnections has no effect while the server requests no client certificates, and every client would be admitted; set ' +
      'config.tls.requestCert to true, or to false if every client may connect.',
  );
}

/** A server needs an identity: a certificate with its key, a PKCS #12 bundle, a callback, or a pre-shared key. */
function checkIdentity(options: TlsOptions): void {
  const { cert, pfx, SNICallback, pskCallback, secureContext } = options as TlsOptions & {
    secureContext?: unknown;
  };
  if (cert || pfx || SNICallback || pskCallback || secureContext) return;
  throw new IPCError(
    'ERR_IPC_CONFIG',
    'config.tls gives a server no certificate; set config.tls.private and config.tls.public to the files of a key and ' +
      'its certificate, or config.tls.pskCallback.',
  );
}

async function listen(
  address: NetAddress,
  options: ListenOptions,
  events: ListenEvents<Socket>,
): Promise<StreamListener> {
  const settings: TlsOptions = { ...KEEPING, ...tlsOptions(options.tls || {}) };
  checkTrust(options.tls || {});
  checkIdentity(settings);
  // Node replaces 0 with its own default.
  settings.handshakeTimeout ??= options.handshakeTimeout || LONGEST_TIMER;
  /** All TCP connections, so that closing the server can also end those that never finish their handshake. */
  const carriers = new Set<Socket>();
  let abandoned = false;
  const server = usable(() => nodeTls().createServer(settings, (socket) => events.socket(socket)));
  server.on('connection', (carrier: Socket) => {
    carriers.add(carrier);
    carrier.once('close', () => carriers.delete(carrier));
  });
  server.on('tlsClientError', (cause, socket) => {
    const failure = clientFailure(cause, socket);
    // Node leaves a connection open whose handshake has timed out.
    socket.destroy();
    if (!abandoned) events.error(failure);
  });
  return {
    ...(await listenOn(server, address, options, events)),
    abandon: () => {
      abandoned = true;
      for (const carrier of carriers) carrier.destroy();
    },
  };
}

/** The error that a server reports when the handshake with a client failed. */
function clientFailure(cause: Error, socket: TLSSocket): IPCError {
  const what = `The TLS handshake with ${socket.remoteAddress ?? 'a client'} failed: `;
  const refused = socket.authorizationError;
  if (NOT_TLS.has(codeOf(cause))) {
    const why = `it does not speak TLS (${reasonOf(cause)}); set config.tls for that client, or serve without it.`;
    return new IPCError('ERR_IPC_HANDSHAKE', what + why, { cause });
  }
  const why = refused ? `its certificate is refused (${refused})` : reasonOf(cause);
  return new IPCError('ERR_IPC_HANDSHAKE', `${what}${why}; check certificates on both sides.`, { cause });
}

/** Why a config is not mutual TLS: both sides must present a certificate and verify the other's. */
function unassured(
  _address: NetAddress,
  { tls }: AssuranceOptions,
  role: 'client' | 'server',
): string | undefined {
  if (!tls) return 'there are no certificates; set config.tls';
  const { private: key, public: certificate, trustedConnections, requestCert, rejectUnauthorized } = tls;
  const own = (key ?? tls.key ?? tls.pfx) !== undefined && (certificate ?? tls.cert ?? tls.pfx) !== undefined;
  if (!own) return `a ${role} needs a certificate; set config.tls.private and config.tls.public`;
  if ((trustedConnections ?? tls.ca) === undefined) {
    return 'no trusted certificates are configured; set config.tls.trustedConnections';
  }
  if (rejectUnauthorized === false)
    return 'certificates are not checked; leave out config.tls.rejectUnauthorized';
  if (role === 'server' && requestCert !== true) {
    return 'clients are not asked for certificates; set config.tls.requestCert to true';
  }
  return undefined;
}

/** The TLS transport over TCP. */
export const tls: StreamTransport<NetAddress> = { ready: 'secureConnect', dial, listen, unassured, refusal };
