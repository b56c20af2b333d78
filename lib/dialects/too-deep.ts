import { IPCError } from '../../entities/errors.js';
import { type Limits, MOST_DEPTH } from '../../entities/limits.js';
import { type Packet, unreadable } from '../../entities/packet.js';

/**
 * The packet that reports a frame that cannot be decoded. If the frame only nests too deep, the packet keeps the id of the
 * request, or of the request that it answers, so that the caller learns the reason and need not wait for a timeout.
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
  const { type, id, re } = packet;
  return id === undefined && re === undefined ? report : { ...report, type, id, re };
}
