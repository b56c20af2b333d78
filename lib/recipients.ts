import { IPCError } from '../entities/errors.js';
import { checkOptions } from '../entities/suggest.js';
import type { Acceptor } from './acceptor.js';
import type { Peer } from './peer.js';

/** What a client is called: its `socket.id`. It is a label that the client or this program chose, and proves nothing. */
export type ClientId = string | number;

/** Whether a value is an id, and not a socket. */
export function isClientId(target: unknown): target is ClientId {
  return typeof target === 'string' || typeof target === 'number';
}

/** The admitted peer that a socket, an endpoint or an id means; of several with one id, the one that came last. */
export function recipient(acceptor: Acceptor, target: unknown): Peer | undefined {
  if (!isClientId(target)) return acceptor.peerOf(target);
  let last: Peer | undefined;
  for (const peer of acceptor.peers) if (peer.admitted && hasId(peer, target)) last = peer;
  return last;
}

/**
 * Whom the options of a broadcast except.
 * @throws IPCError ERR_IPC_ARGUMENT for what are not options of a broadcast
 */
export function exceptedBy(options: unknown): readonly unknown[] {
  if (options === undefined || options === null) return [];
  if (!isPlain(options)) {
    const message =
      'broadcast(type, data, options) takes options such as { except: socket }, and was given something else.';
    throw new IPCError('ERR_IPC_ARGUMENT', message);
  }
  checkOptions(options, ['except'], 'broadcast(type, data, options)');
  const { except } = options as { except?: unknown };
  return except === undefined || except === null ? [] : [except].flat();
}

/** Whether a client is called so. */
export function hasId({ socket }: Peer, id: ClientId): boolean {
  const own = (socket as { id?: unknown }).id;
  return isClientId(own) && String(own) === String(id);
}

function isPlain(value: unknown): value is object {
  const prototype = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined;
  return prototype === Object.prototype || prototype === null;
}
