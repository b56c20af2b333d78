import { checkOptions, isPlain } from '../entities/suggest.js';
import type { Acceptor } from './acceptor.js';
import type { Peer } from './peer.js';
import { passOver } from './warnings.js';

/** The label of a client: its `socket.id`. The client or this program chose it; it is not an authenticated identity. */
export type ClientId = string | number;

/** Whether a value is a label, as opposed to a socket. */
export function isClientId(target: unknown): target is ClientId {
  return typeof target === 'string' || typeof target === 'number';
}

/** The admitted peer that is identified by a socket, an endpoint or a label; of several with the same label, the latest. */
export function recipient(acceptor: Acceptor, target: unknown): Peer | undefined {
  if (!isClientId(target)) return acceptor.peerOf(target);
  let last: Peer | undefined;
  for (const peer of acceptor.peers) if (peer.admitted && hasId(peer, target)) last = peer;
  return last;
}

/**
 * The clients that the options of a broadcast exclude. An argument that is not an options object, such as a socket, is ignored,
 * as in node-ipc.
 * @throws IPCError ERR_IPC_ARGUMENT if an option is unknown
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

/** Whether a client has this label. */
export function hasId({ socket }: Peer, id: ClientId): boolean {
  const own = (socket as { id?: unknown }).id;
  return isClientId(own) && String(own) === String(id);
}
