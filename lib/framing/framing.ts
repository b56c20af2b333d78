import { IPCError } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import { counted } from '../../entities/text.js';
import type { ByteQueue } from './byte-queue.js';

/**
 * Receives a decoded packet. If it returns false, the decoder stops; unread bytes stay in the queue until the decoder is
 * called again or another one takes over.
 */
export type Deliver = (packet: Packet) => boolean;

/** Finds the frames of one byte stream. It does not buffer: bytes that it cannot use yet stay in the queue. */
export interface FrameReader {
  /**
   * Reads complete frames from a queue and delivers their packets. A malformed frame is delivered as a packet with `error`
   * and without `re`.
   * @throws IPCError ERR_IPC_TOO_LARGE or ERR_IPC_PROTOCOL; the stream cannot be read any further
   */
  read(unread: ByteQueue, deliver: Deliver): undefined;
  /**
   * The stream has ended: discards unread bytes and resets the reader.
   * @returns an error with code ERR_IPC_DECODE if the stream ended in the middle of a frame
   */
  end(unread: ByteQueue): IPCError | undefined;
}

const BRACE = 0x7b;

/**
 * Whether a frame of JSON is blank, so that it is ignored. Checked before it is parsed: an exception for each blank frame
 * would let a peer occupy the process with two bytes at a time.
 */
export function isBlank(frame: string): boolean {
  return frame.charCodeAt(0) !== BRACE && frame.trim() === '';
}

/** The error of a stream that ended in the middle of a frame. */
export function cutShort(size: number, what: string): IPCError {
  const bytes = counted(size, 'byte');
  const message = `The stream ended with ${bytes} of a frame whose ${what} never came; that frame is lost.`;
  return new IPCError('ERR_IPC_DECODE', message);
}
