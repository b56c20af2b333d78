import type { Limits } from '../../entities/limits.js';

/** How the fields of a packet become bytes and back. It keeps nothing of a connection, so that one serves all of them. */
export interface Codec {
  /** What the two ends call it in hello and welcome. */
  readonly name: string;
  /** Whether bytes in the data arrive as bytes. */
  readonly binary: boolean;
  /**
   * The bytes of a packet's fields (its type, its data, and what else it says), after `room` bytes that are left free.
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP
   */
  encode(fields: readonly unknown[], limits: Limits, room: number): Buffer;
  /**
   * The fields in the bytes from `start` to `end`; whatever is wrong with them is thrown as it comes.
   * @throws IPCError ERR_IPC_TOO_DEEP, or ERR_IPC_TOO_LARGE if it would take far more memory than it has bytes
   */
  decode(bytes: Buffer, start: number, end: number, limits: Limits): unknown;
}
