import { codeOf } from '../entities/errors.js';
import { PING } from '../entities/packet.js';
import type { Calls } from './conversations/calls.js';
import { NO_OPTIONS } from './conversations/request-options.js';
import type { Peer } from './peer.js';

/**
 * Verifies that a process serves a connection: the primary of a cluster leaves a connection open if the worker that should
 * have received it has died.
 * @param calls the table of calls to the peer
 * @param timeout how long the other side may be silent, in milliseconds
 * @param reader says whether this side has stopped reading, and thus cannot receive an answer
 * @returns false if the connection is open and the other side was silent all the time
 */
export async function isServed(
  peer: Peer,
  calls: Calls,
  timeout: number,
  reader: { readonly paused: boolean },
): Promise<boolean> {
  // In two rounds: if this process was busy all through the first one, it has not read the answer yet.
  for (let round = 0; round < 2; round++) {
    try {
      await calls.ask(PING, undefined, timeout / 2, NO_OPTIONS, peer);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'ERR_IPC_TIMEOUT' || !peer.open) return true;
      // A server that sends data is alive, even if the ping's answer takes longer.
      if (peer.stats.bytesIn > 0 || reader.paused) return true;
    }
  }
  return false;
}
