import type { Packet } from '../../entities/packet.js';

/**
 * Takes a packet that was decoded. `false` stops the decoder: what it has not read stays with it until the next
 * {@link Decoder.push}, or until {@link Decoder.rest} takes it away.
 */
export type Deliver = (packet: Packet) => boolean;

/** Makes packets of bytes. Each connection has its own, since it holds what has come of a frame not yet complete. */
export interface Decoder {
  /**
   * Reads a chunk and delivers each packet that it completes. A frame that cannot be understood is delivered as a packet
   * with `error` and no `re`.
   * @throws IPCError ERR_IPC_TOO_LARGE or ERR_IPC_PROTOCOL after which the stream is of no more use.
   */
  push(chunk: Buffer, deliver: Deliver): void;
  /** Bytes held. */
  readonly buffered: number;
  /** Takes away the bytes that were not read. */
  rest(): Buffer;
}
