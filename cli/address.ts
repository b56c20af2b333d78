import { UsageError } from './exit.js';

/** The address that a command connects to or listens on. */
export type Address =
  | { readonly transport: 'unix'; readonly path: string }
  | { readonly transport: 'tcp' | 'tls' | 'udp4' | 'udp6'; readonly host: string; readonly port: number };

/** Defaults for the parts that an address may omit. */
export interface AddressDefaults {
  readonly socketRoot: string;
  readonly appspace: string;
  readonly host: string;
  readonly port: number;
}

/** The defaults of node-ipc, which `ipc.config` has, too. */
export const DEFAULTS: AddressDefaults = {
  socketRoot: '/tmp/',
  appspace: 'app.',
  host: 'localhost',
  port: 8000,
};

const FORMS = 'unix:/path, tcp://host:port, tls://host:port, udp4://host:port, or the id of a server';

/**
 * Parses an address from the command line: `unix:/path`, a path with a slash, `\\.\pipe\name`, `tcp://host:port`, `tls://`,
 * `udp4://`, `udp6://`, or the id of a server on this machine, whose path is `socketRoot + appspace + id`.
 * @throws UsageError
 */
export function parseAddress(text: string, defaults = DEFAULTS): Address {
  const [, scheme, rest = ''] = text.match(/^([a-z][a-z\d+.-]*):(.*)$/is) ?? [];
  switch (scheme?.toLowerCase()) {
    case 'unix':
      return { transport: 'unix', path: socketPath(text, rest.replace(/^\/\/(?=\/)/, '')) };
    case 'tcp':
    case 'tls':
    case 'udp4':
    case 'udp6':
      return network(text, scheme?.toLowerCase() as 'tcp', rest, defaults);
    case 'udp':
      throw new UsageError(`${quoted(text)} does not say which IP: write udp4:${rest} or udp6:${rest}.`);
  }
  if (/[\\/]/.test(text) && !/^[a-z][a-z\d+.-]*:\/\//i.test(text))
    return { transport: 'unix', path: socketPath(text, text) };
  if (/^[^:]+:\d+$|^\[.*\]:\d+$/.test(text)) {
    throw new UsageError(`${quoted(text)} is not an address. Did you mean tcp://${text}?`);
  }
  if (text === '' || scheme !== undefined)
    throw new UsageError(`${quoted(text)} is not an address; use ${FORMS}.`);
  return { transport: 'unix', path: socketPath(text, `${defaults.socketRoot}${defaults.appspace}${text}`) };
}

/** Formats an address in the form that {@link parseAddress} reads. */
export function formatAddress(address: Address): string {
  if (address.transport === 'unix') return `unix:${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.transport}://${host}:${address.port}`;
}

function socketPath(text: string, path: string): string {
  if (path !== '' && !path.includes('\0')) return path;
  throw new UsageError(`${quoted(text)} names no path; write unix:/path.`);
}

function network(
  text: string,
  transport: 'tcp' | 'tls' | 'udp4' | 'udp6',
  rest: string,
  defaults: AddressDefaults,
): Address {
  const found = rest.match(/^\/\/(?:\[([\da-f:.%a-z]+)\]|([^:/?#@[\]\s]*))(?::(\d*))?\/?$/i);
  if (!found) throw new UsageError(`${quoted(text)} is not an address; write ${transport}://host:port.`);
  const [, six, plain, port] = found;
  const number = port ? Number(port) : defaults.port;
  if (number > 65_535) throw new UsageError(`${quoted(text)} has the port ${port}; ports go up to 65535.`);
  return { transport, host: six || plain || (transport === 'udp6' ? '::1' : defaults.host), port: number };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
