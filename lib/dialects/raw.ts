import type { Encoding } from '../../entities/config.js';
import { IPCError, messageOf } from '../../entities/errors.js';
import type { Limits } from '../../entities/limits.js';
import type { Packet } from '../../entities/packet.js';
import type { Decoder, Deliver } from '../framing/framing.js';
import { type Agreement, type Capabilities, type Dialect, FULL, NO_HANDSHAKE } from './dialect.js';

const NOTHING = Buffer.alloc(0);

/** Delivers each chunk as it came. */
class RawDecoder implements Decoder {
  readonly buffered = 0;

  push(chunk: Buffer, deliver: Deliver): void {
    if (chunk.length > 0) deliver({ type: 'data', data: chunk });
  }

  rest(): Buffer {
    return NOTHING;
  }
}

/** Of what is more than bytes. */
export function rawUnsupported(type: string): IPCError {
  const message = `${type} cannot be sent: with config.rawBuffer there are only bytes; turn it off for requests and topics.`;
  return new IPCError('ERR_IPC_UNSUPPORTED', message);
}

/** Bytes as they are; strings and arrays become bytes by `config.encoding`. */
export class RawDialect implements Dialect {
  readonly name = 'raw';
  readonly capabilities: Capabilities = { ...FULL, namedEvents: false, calls: false };
  readonly handshake = NO_HANDSHAKE;
  readonly #encoding: Encoding;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  encode({ type, data, id }: Packet): Buffer {
    if (type !== 'data' || id !== undefined) throw rawUnsupported(type);
    if (Buffer.isBuffer(data)) return data;
    if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    try {
      if (typeof data === 'string') return Buffer.from(data, this.#encoding);
      return Buffer.from(data as number[]);
    } catch (cause) {
      const message = `rawBuffer sends a string, an array of bytes or a Buffer: ${messageOf(cause)}`;
      throw new IPCError('ERR_IPC_ENCODE', message, { cause });
    }
  }

  decoder(_limits: Limits): Decoder {
    return new RawDecoder();
  }

  agree(_agreement: Agreement, _limits: Limits): Dialect {
    return this;
  }
}
