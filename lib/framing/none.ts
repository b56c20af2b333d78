import type { ByteQueue } from './byte-queue.js';
import type { Deliver, FrameReader } from './framing.js';

/** No framing: each chunk is delivered unchanged, as an event named `data`. */
export class UnframedReader implements FrameReader {
  read(unread: ByteQueue, deliver: Deliver): undefined {
    if (unread.length > 0) deliver({ type: 'data', data: unread.take() });
  }

  end(unread: ByteQueue): undefined {
    unread.clear();
  }
}
