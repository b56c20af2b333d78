import { deserialize, serialize } from 'node:v8';
import { IPCError, messageOf } from '../../entities/errors.js';
import type { Packet } from '../../entities/packet.js';
import { EMPTY } from '../bytes.js';
import type { Decoder, Deliver } from '../framing/framing.js';
import { type Dialect, OPTIONAL_HANDSHAKE, UNSHARED } from './dialect.js';

/** Takes each chunk as a packet. */
class StructuredDecoder implements Decoder {
  readonly buffered = 0;

  push(chunk: Buffer, deliver: Deliver): void {
    if (chunk.length > 0) deliver(deserialize(chunk) as Packet);
  }

  rest(): Buffer {
    return EMPTY;
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
      throw new IPCError('ERR_IPC_ENCODE', `The payload cannot be copied: ${messageOf(cause)}.`, { cause });
    }
  }

  decoder(): Decoder {
    return new StructuredDecoder();
  }

  agree(): Dialect {
    return this;
  }
}
