import { portNumber } from '../../entities/address.js';
import type { Config } from '../../entities/config.js';
import { IPCError } from '../../entities/errors.js';
import { brief } from '../../entities/suggest.js';
import { checkPortLike } from '../../lib/transports/port.js';
import { passOver } from '../../lib/warnings.js';

/** The two families of UDP. */
export type UdpType = 'udp4' | 'udp6';

/** The arguments of `connectToNet` after the id, and those of `serveNet`. */
export interface NetArguments<Callback = unknown> {
  host: string;
  port: number;
  udp: UdpType | undefined;
  callback: Callback | undefined;
}

/**
 * Distinguishes the arguments by their types, as node-ipc 9 does; each may be omitted.
 * @param owner the method, as warnings show it
 * @param config has the default host and port
 * @throws IPCError ERR_IPC_ARGUMENT, ERR_IPC_CONFIG
 */
export function netArguments<Callback>(
  owner: string,
  args: readonly unknown[],
  config: Config,
): NetArguments<Callback> {
  const { networkHost: host, networkPort: port } = config;
  const found: NetArguments<Callback> = { host, port, udp: undefined, callback: undefined };
  const given = new Set<keyof NetArguments>();
  const take = <Key extends keyof NetArguments>(key: Key, value: NetArguments<Callback>[Key]) => {
    if (given.has(key)) {
      passOver(value, owner, 'give at most one host, one port and one callback');
      return;
    }
    given.add(key);
    found[key] = key === 'port' ? (portNumber(value) as NetArguments<Callback>[Key]) : value;
  };
  for (const arg of args) {
    if (arg === undefined || arg === null || arg === false || arg === '') continue;
    if (typeof arg === 'function') take('callback', arg as Callback);
    else if (typeof arg === 'number') take('port', arg);
    else if (isUdp(arg)) {
      if (found.udp !== undefined) throw bothFamilies(found.udp, arg);
      take('udp', arg.toLowerCase() as UdpType);
    } else if (typeof arg !== 'string') {
      if (!(given.has('port') || given.has('callback') || given.has('udp'))) throw notOfNet(arg);
      passOver(arg, owner, 'settings go in ipc.config');
    } else if (/^udp/i.test(arg) && !arg.includes('.')) throw notUdp(arg);
    else if (given.size > 0 && /^(tcp|tls)$/i.test(arg)) checkTransport(arg, config);
    else if (/^\d+$/.test(arg) && given.has('host')) take('port', Number(arg));
    else take('host', arg);
  }
  return found;
}

/**
 * Refuses UDP for a client.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkDialed({ udp }: NetArguments): void {
  if (udp === undefined) return;
  const message = `connectToNet cannot connect over UDP, which has no connections; use serveNet('${udp}') on both sides, and emit to { address, port }.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/**
 * Refuses arguments that cannot be a path or a callback, and passes over what follows a callback.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkPathArguments(
  name: string,
  id: string | undefined,
  path: unknown,
  callback: unknown,
): void {
  const call = (...args: unknown[]) =>
    `${name}(${[...(id === undefined ? [] : [id]), ...args].map((arg) => brief(arg)).join(', ')})`;
  if (path && typeof path !== 'string' && typeof path !== 'function') {
    const message = `${call(path)}: that is not a path; pass a string, or a callback, and settings in ipc.config.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  if (callback && typeof path === 'function') {
    passOver(callback, `ipc.${name}(callback)`, 'the callback is its last argument');
  } else if (callback && typeof callback !== 'function') {
    const message = `${call(path, callback)}: the last argument is not a function; pass a callback, or leave it out.`;
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
}

/**
 * Refuses values that are not a message port, and arguments that would be ignored as a callback.
 * @throws IPCError ERR_IPC_ARGUMENT
 */
export function checkPortArguments(owner: string, port: unknown, callback: unknown): void {
  checkPortLike(port);
  if (callback === undefined || callback === null || typeof callback === 'function') return;
  const message = `${owner} takes a function as its callback, and was given ${brief(callback)}; settings go in ipc.config.`;
  throw new IPCError('ERR_IPC_ARGUMENT', message);
}

/** The callback, at whichever position it was given. */
export function pick<Callback extends (...args: never[]) => void>(
  ...args: readonly unknown[]
): Callback | undefined {
  return args.find((arg): arg is Callback => typeof arg === 'function');
}

/**
 * Checks a transport given by name. node-ipc ignores the name and uses TCP, or TLS if the config has it.
 * @throws IPCError ERR_IPC_CONFIG
 */
function checkTransport(name: string, { tls }: Config): void {
  if (name.toLowerCase() === 'tcp' || tls) return;
  const message =
    'TLS is asked for, and config.tls is not set, so that the connection would not be encrypted; set config.tls to its key and certificate.';
  throw new IPCError('ERR_IPC_CONFIG', message);
}

function isUdp(value: unknown): value is string {
  return typeof value === 'string' && /^udp[46]$/i.test(value);
}

function notUdp(arg: string): IPCError {
  const message = `${brief(arg)} is neither 'udp4' nor 'udp6', of which UDP needs one; for a host of that name, add its domain.`;
  return new IPCError('ERR_IPC_ARGUMENT', message);
}

function notOfNet(arg: unknown): IPCError {
  const message = `${brief(arg)} is not a host, port, 'udp4', 'udp6' or callback; pass those, and settings in ipc.config.`;
  return new IPCError('ERR_IPC_ARGUMENT', message);
}

function bothFamilies(one: UdpType, other: string): IPCError {
  const message = `${brief(one)} and ${brief(other)} are both given as the family of UDP; give one of them.`;
  return new IPCError('ERR_IPC_ARGUMENT', message);
}
