import { deserialize, serialize } from 'node:v8';
import { IPCError, messageOf } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import type { ByteQueue } from '../framing/byte-queue.js';
import type { Deliver } from '../framing/framing.js';
import { type Decoder, type Dialect, OPTIONAL_HANDSHAKE, UNSHARED } from './dialect.js';

/** Of a payload that the structured clone algorithm refuses. */
export function notCopied(cause: unknown): IPCError {
  const message = `The payload cannot be copied: ${messageOf(cause).replace(/\.$/, '')}; send a copy without it.`;
  return new IPCError('ERR_IPC_ENCODE', message, { cause });
}

/** Takes what has come as one packet. */
class StructuredDecoder implements Decoder {
  read(unread: ByteQueue, deliver: Deliver): undefined {
    if (unread.length > 0) deliver(deserialize(unread.take()) as Packet);
  }

  end(unread: ByteQueue): undefined {
    unread.clear();
  }
}

/**
 * The dialect of what carries values and not bytes: packets travel as they are, and the transport copies them. Bytes are made
 * only of packets that have to wait.
 */
export class StructuredDialect implements Dialect {
  readonly name = 'structured';
  readonly capabilities = UNSHARED;
  readonly handshake = OPTIONAL_HANDSHAKE;

  encode(packet: Packet): Buffer {
    try {
      return serialize(packet);
    } catch (cause) {
      throw notCopied(cause);
    }
  }

  decoder(): Decoder {
    return new StructuredDecoder();
  }

  negotiated(): Dialect {
    return this;
  }
}
