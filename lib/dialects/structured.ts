import { IPCError, messageOf } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import type { ByteQueue } from '../framing/byte-queue.js';
import type { Deliver } from '../framing/framing.js';
import { nodeV8 } from '../lazy-modules.js';
import { type Capabilities, type Decoder, type Dialect, OPTIONAL_HANDSHAKE, UNSHARED } from './dialect.js';

/** The error of a payload that cannot be cloned by the structured clone algorithm. */
export function notCopied(cause: unknown): IPCError {
  const message = `The payload cannot be copied: ${messageOf(cause).replace(/\.$/, '')}; send a copy without it.`;
  return new IPCError('ERR_IPC_ENCODE', message, { cause });
}

/** Delivers each value that arrives as one packet. */
class StructuredDecoder implements Decoder {
  read(unread: ByteQueue, deliver: Deliver): undefined {
    if (unread.length > 0) deliver(nodeV8().deserialize(unread.take()) as Packet);
  }

  end(unread: ByteQueue): undefined {
    unread.clear();
  }
}

/**
 * The dialect of transports that carry values instead of bytes: the transport clones the packets. Only packets that have to
 * be queued are encoded to bytes.
 */
export class StructuredDialect implements Dialect {
  readonly name = 'structured';
  readonly capabilities: Capabilities;
  readonly handshake = OPTIONAL_HANDSHAKE;

  /** @param streams `bytes` if the transport is known to copy bytes as such, and not only what JSON has */
  constructor(streams: 'bytes' | 'base64' = 'base64') {
    this.capabilities = { ...UNSHARED, streams };
  }

  encode(packet: Packet): Buffer {
    try {
      return nodeV8().serialize(packet);
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
