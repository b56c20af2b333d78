import type { Limits } from '../../entities/limits.js';

/** Encodes and decodes the fields of a packet. It is stateless, so that one codec serves all connections. */
export interface Codec {
  /** The name that both ends use in hello and welcome. */
  readonly name: string;
  /** Whether bytes in the data are decoded as bytes. */
  readonly binary: boolean;
  /**
   * Encodes the fields of a packet (its type, its data, and its further members). Leaves `room` bytes free at the start.
   * @throws IPCError ERR_IPC_ENCODE, ERR_IPC_TOO_DEEP
   */
  encode(fields: readonly unknown[], limits: Limits, room: number): Buffer;
  /**
   * Decodes the fields in the bytes from `start` to `end`. Errors in the bytes are thrown unchanged.
   * @throws IPCError ERR_IPC_TOO_DEEP, or ERR_IPC_TOO_LARGE if the fields would take far more memory than their bytes
   */
  decode(bytes: Buffer, start: number, end: number, limits: Limits): unknown;
}
