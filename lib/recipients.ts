import { checkOptions, isPlain } from '../entities/suggest.js';
import type { Acceptor } from './acceptor.js';
import type { Peer } from './peer.js';
import { passOver } from './warnings.js';

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
 * Whom the options of a broadcast except. What are not options, such as a socket, is passed over as by node-ipc.
 * @throws IPCError ERR_IPC_ARGUMENT for options that a broadcast does not know
 */
export function exceptedBy(options: unknown): readonly unknown[] {
  const owner = 'server.broadcast(type, data, options)';
  if (!isPlain(options)) {
    passOver(options, owner, 'to leave out a client, call it with { except: socket }');
    return [];
  }
  checkOptions(options, ['except'], owner);
  const { except } = options as { except?: unknown };
  return except === undefined || except === null ? [] : [except].flat();
}

/** Whether a client is called so. */
export function hasId({ socket }: Peer, id: ClientId): boolean {
  const own = (socket as { id?: unknown }).id;
  return isClientId(own) && String(own) === String(id);
}
