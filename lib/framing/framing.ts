import { IPCError } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import type { ByteQueue } from './byte-queue.js';

/**
 * Takes a packet that was decoded. `false` stops the decoder: what it has not read stays in the queue until it is asked to
 * read on, or another decoder takes over.
 */
export type Deliver = (packet: Packet) => boolean;

/** Finds the frames of one byte stream. It holds no bytes: those that it cannot use yet stay in the queue. */
export interface FrameReader {
  /**
   * Reads what it can of a queue and delivers each packet that is complete. A frame that cannot be understood is delivered
   * as a packet with `error` and no `re`.
   * @throws IPCError ERR_IPC_TOO_LARGE or ERR_IPC_PROTOCOL after which the stream is of no more use.
   */
  read(unread: ByteQueue, deliver: Deliver): undefined;
  /**
   * The stream has ended: forgets what is unread, and begins anew.
   * @returns an error of code ERR_IPC_DECODE if that was a frame cut short
   */
  end(unread: ByteQueue): IPCError | undefined;
}

/** The error of a stream that ends too early. */
export function cutShort(size: number, what: string): IPCError {
  const bytes = size === 1 ? '1 byte' : `${size} bytes`;
  const message = `The stream ended with ${bytes} of a frame whose ${what} never came; that frame is lost.`;
  return new IPCError('ERR_IPC_DECODE', message);
}
