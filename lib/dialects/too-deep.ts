import { IPCError } from '../../entities/errors.js';
import { type Limits, MOST_DEPTH } from '../../entities/limits.js';
import { type Packet, unreadable } from '../../entities/packet.js';
import { type Item, isItem } from '../../entities/stream.js';

/**
 * The packet that reports a frame that cannot be decoded. If the frame only nests too deep, the packet keeps what it belongs
 * to: the id of the request, of the request that it answers, or of the stream whose item it has. So only that one fails, and
 * the caller learns the reason and need not wait for a timeout.
 * @param what begins the error of a frame that is malformed
 * @param decode decodes the frame again, with other limits
 */
export function undecodable(
  what: string,
  size: number,
  cause: unknown,
  limits: Limits,
  decode: (limits: Limits) => Packet | undefined,
): Packet {
  const report = unreadable(what, size, cause);
  if (!(cause instanceof IPCError) || limits.maxDepth >= MOST_DEPTH) return report;
  const packet = decode({ ...limits, maxDepth: MOST_DEPTH });
  if (packet === undefined || packet.error instanceof IPCError) return report;
  if (isItem(packet)) {
    const { id, re, seq } = packet.data as Item;
    return { ...report, type: packet.type, data: { id, re, seq } };
  }
  const { type, id, re } = packet;
  return id === undefined && re === undefined ? report : { ...report, type, id, re };
}
