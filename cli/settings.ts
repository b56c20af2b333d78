import { readFileSync } from 'node:fs';
import { type Config, type DialectName, IPC, IPCError, type TlsConfig } from '../index.js';
import { type Address, type AddressDefaults, DEFAULTS, parseAddress } from './address.js';
import { choiceOf, durationOf, listOf, numberOf, textOf } from './arguments.js';
import type { Options, Values } from './command.js';
import { UsageError } from './exit.js';

const DIALECTS = ['json', 'net-ipc', 'topic'] as const;

/** Options that map an id to a path. */
export const NAMING: Options = {
  'socket-root': { type: 'string', value: 'DIR', description: 'the directory of a named server (/tmp/)' },
  appspace: { type: 'string', value: 'TEXT', description: 'the part of its path before the name (app.)' },
};

const TLS: Options = {
  ca: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    description: 'TLS: trusts only the certificates in FILE',
  },
  cert: { type: 'string', value: 'FILE', description: 'TLS: the certificate of this side' },
  key: { type: 'string', value: 'FILE', description: 'TLS: its private key' },
};

/** Options of the wire format. */
export const WIRE: Options = {
  delimiter: {
    type: 'string',
    value: 'TEXT',
    description: String.raw`what ends a message; \f, \n and \0 are understood (\f)`,
  },
  'max-message-size': { type: 'string', value: 'BYTES', description: 'the longest message (67108864)' },
};

/** Options of all commands that connect. */
export const CLIENT_OPTIONS: Options = {
  timeout: {
    type: 'string',
    value: 'TIME',
    description: 'the time limit for the connection and for each answer (10s; 0: none)',
  },
  wait: { type: 'string', value: 'TIME', description: 'waits up to this time until the server listens' },
  dialect: {
    type: 'string',
    value: 'NAME',
    choices: DIALECTS,
    description: 'the dialect of the server: json, net-ipc or topic (json)',
  },
  codec: {
    type: 'string',
    value: 'NAME',
    choices: ['json', 'msgpack'],
    description: 'offers a codec: json or msgpack (json)',
  },
  compress: { type: 'boolean', description: 'offers compression' },
  credentials: {
    type: 'string',
    value: 'JSON',
    description: 'the credentials for the server; @FILE reads them from a file',
  },
  'same-user': { type: 'boolean', description: 'refuses a socket that belongs to another user' },
  ...WIRE,
  ...NAMING,
  ...TLS,
  servername: {
    type: 'string',
    value: 'NAME',
    description: 'TLS: the name that the certificate of the server must have',
  },
  insecure: { type: 'boolean', description: 'TLS: accepts any certificate' },
};

/** Options of all commands that listen. */
export const SERVER_OPTIONS: Options = {
  dialect: {
    type: 'string',
    value: 'NAME',
    choices: DIALECTS,
    multiple: true,
    description: 'the dialects that clients may use: json, net-ipc, topic (json)',
  },
  ...WIRE,
  'max-connections': { type: 'string', value: 'NUMBER', description: 'the maximum number of clients (100)' },
  force: { type: 'boolean', description: 'takes over the path of a running server' },
  ...NAMING,
  ...TLS,
  'request-cert': { type: 'boolean', description: 'TLS: admits only clients with a certificate of --ca' },
};

/** The defaults for addresses that the options set. */
export function addressDefaults(values: Values): AddressDefaults {
  const root = textOf(values, 'socket-root');
  return {
    ...DEFAULTS,
    ...(root === undefined ? {} : { socketRoot: root.endsWith('/') ? root : `${root}/` }),
    appspace: textOf(values, 'appspace') ?? DEFAULTS.appspace,
  };
}

/**
 * Parses the address argument of a command.
 * @throws UsageError
 */
export function addressOf(text: string | undefined, values: Values): Address {
  return parseAddress(text ?? '', addressDefaults(values));
}

/**
 * Creates an `IPC` with the options of a client.
 * @throws UsageError
 */
export function clientIPC(address: Address, values: Values): IPC {
  const { config, ipc } = quietIPC(values);
  config.dialect = choiceOf<DialectName>(values, 'dialect', DIALECTS) ?? 'json';
  config.codec = choiceOf(values, 'codec', ['json', 'msgpack']) ?? 'json';
  config.compress = values.compress === true;
  config.sameUser = values['same-user'] === true;
  const timeout = durationOf(values, 'timeout');
  if (timeout !== undefined) {
    config.requestTimeout = timeout;
    config.handshakeTimeout = timeout;
  }
  const credentials = textOf(values, 'credentials');
  if (credentials !== undefined) config.credentials = jsonOrFile('--credentials', credentials);
  if (address.transport === 'tls') {
    const servername = textOf(values, 'servername');
    config.tls = {
      ...tlsFiles(values),
      rejectUnauthorized: values.insecure !== true,
      ...(servername === undefined ? {} : { servername }),
    };
  }
  return ipc;
}

/**
 * Creates an `IPC` with the options of a server.
 * @throws UsageError
 */
export function serverIPC(address: Address, values: Values): IPC {
  const { config, ipc } = quietIPC(values);
  const dialects = listOf(values, 'dialect').flatMap((text) => text.split(','));
  for (const dialect of dialects) choiceOf({ dialect }, 'dialect', DIALECTS);
  if (dialects.length > 0) config.accept = dialects as DialectName[];
  config.maxConnections = numberOf(values, 'max-connections') ?? config.maxConnections;
  if (values.force === true) config.unlink = 'force';
  if (address.transport === 'tls') {
    if (textOf(values, 'cert') === undefined || textOf(values, 'key') === undefined)
      throw new UsageError('A TLS server needs --cert FILE and --key FILE.');
    const requestCert = values['request-cert'] === true;
    config.tls = { ...tlsFiles(values), requestCert, rejectUnauthorized: requestCert };
  }
  return ipc;
}

/** The files of the TLS options, in the form of `config.tls`. */
function tlsFiles(values: Values): TlsConfig {
  const [ca, cert, key] = [listOf(values, 'ca'), textOf(values, 'cert'), textOf(values, 'key')];
  const files: TlsConfig = {};
  if (ca.length > 0) files.trustedConnections = ca;
  if (cert !== undefined) files.public = cert;
  if (key !== undefined) files.private = key;
  return files;
}

function quietIPC(values: Values): { ipc: IPC; config: Config } {
  const ipc = new IPC();
  const { config } = ipc;
  config.silent = true;
  config.delimiter = delimiterOf(values) ?? config.delimiter;
  config.maxMessageSize = numberOf(values, 'max-message-size', 1) ?? config.maxMessageSize;
  return { ipc, config };
}

const ESCAPES: Readonly<Record<string, string>> = {
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '\\': '\\',
};

/** The delimiter that the options set. */
export function delimiterOf(values: Values): string | undefined {
  return textOf(values, 'delimiter')?.replace(
    /\\([fnrt0\\])/g,
    (_, letter: string) => ESCAPES[letter] ?? letter,
  );
}

/**
 * Parses JSON from the command line or from a file.
 * @throws UsageError
 */
export function jsonOrFile(what: string, text: string): unknown {
  try {
    return JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    throw new UsageError(`${what} is not JSON: ${(error as Error).message}. Quote strings.`);
  }
}

/** Rewrites a configuration error of the library to name the option of the command. */
export function configFault(error: unknown): unknown {
  if (!(error instanceof IPCError) || error.code !== 'ERR_IPC_CONFIG') return error;
  return new UsageError(error.message);
}
