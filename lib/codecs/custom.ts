import type { CustomCodec } from '../../entities/codec.js';
import { IPCError, messageOf } from '../../entities/errors.js';
import { type Limits, tooDeep } from '../../entities/limits.js';
import type { Codec } from './codec.js';
import { isDeeper } from './nesting.js';

/** How many levels the fields add around the data. */
const AROUND = 1;

/** A codec supplied by the program, with the limits that apply to every codec. */
export class BoundedCodec implements Codec {
  readonly name: string;
  readonly binary: boolean;
  readonly #custom: CustomCodec;

  constructor(custom: CustomCodec) {
    this.name = custom.name;
    this.binary = custom.binary === true;
    this.#custom = custom;
  }

  encode(fields: readonly unknown[], limits: Limits, room: number): Buffer {
    checkDepth(fields, limits);
    const encoded = this.#encoded(fields);
    const size = typeof encoded === 'string' ? Buffer.byteLength(encoded) : encoded.byteLength;
    const bytes = Buffer.allocUnsafe(room + size);
    if (typeof encoded === 'string') bytes.write(encoded, room);
    else bytes.set(encoded, room);
    return bytes;
  }

  decode(bytes: Buffer, start: number, end: number, limits: Limits): unknown {
    const fields = this.#custom.decode(bytes.subarray(start, end));
    checkDepth(fields, limits);
    return fields;
  }

  #encoded(fields: readonly unknown[]): Uint8Array | string {
    let encoded: unknown;
    try {
      encoded = this.#custom.encode(fields);
    } catch (cause) {
      const message = `The codec ${this.name} cannot encode the payload: ${messageOf(cause)}; send data that it supports.`;
      throw new IPCError('ERR_IPC_ENCODE', message, { cause });
    }
    if (typeof encoded === 'string' || encoded instanceof Uint8Array) return encoded;
    const message = `The codec ${this.name} encoded a payload as ${typeof encoded}; its encode must return a Uint8Array or a string, at once.`;
    throw new IPCError('ERR_IPC_ENCODE', message);
  }
}

/** @throws IPCError ERR_IPC_TOO_DEEP */
function checkDepth(fields: unknown, limits: Limits): void {
  if (typeof fields === 'object' && fields !== null && isDeeper(fields, limits.maxDepth + AROUND)) {
    throw tooDeep(limits);
  }
}
