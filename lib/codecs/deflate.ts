import { constants } from 'node:buffer';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { type Limits, tooLarge } from '../../entities/limits.js';
import { ignore } from '../faults.js';
import { loadPackage } from './optional-packages.js';

interface Stream {
  process(bytes: Buffer): Buffer;
  /** The underlying stream of Node. */
  readonly instance: { on(event: 'error', listener: () => void): void };
}

/** The part of fast-zlib's API that is used. */
export interface FastZlib {
  readonly DeflateRaw: new () => Stream;
  readonly InflateRaw: new (options: { maxOutputLength: number }) => Stream;
}

/** @throws IPCError ERR_IPC_MISSING_PACKAGE */
export function loadFastZlib(): FastZlib {
  return loadPackage('fast-zlib', 'config.compress');
}

/**
 * Compresses one direction of a connection with raw deflate. Bodies share a compression context: each depends on the ones
 * before it, so every deflated body must be sent.
 */
export class Deflater {
  readonly #stream: Stream;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE */
  constructor() {
    const { DeflateRaw } = loadFastZlib();
    this.#stream = new DeflateRaw();
  }

  deflate(body: Buffer): Buffer {
    return this.#stream.process(body);
  }
}

/** The counterpart of a {@link Deflater}. It must receive the bodies in the order in which they were deflated. */
export class Inflater {
  readonly #limits: Limits;
  readonly #stream: Stream;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE */
  constructor(limits: Limits) {
    const { InflateRaw } = loadFastZlib();
    this.#limits = limits;
    // Inflating stops at this limit, before the rest takes any memory.
    this.#stream = new InflateRaw({ maxOutputLength: Math.min(limits.maxMessageSize, constants.MAX_LENGTH) });
  }

  /** @throws IPCError ERR_IPC_TOO_LARGE, ERR_IPC_PROTOCOL; the inflater cannot be used after either */
  inflate(body: Buffer): Buffer {
    try {
      return this.#stream.process(body);
    } catch (cause) {
      // Node's stream emits the same error again later. Without a listener, that would be an uncaught exception.
      this.#stream.instance.on('error', ignore);
      if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(this.#limits);
      const message = `A compressed frame cannot be inflated: ${messageOf(cause)}; the two ends no longer agree.`;
      throw new IPCError('ERR_IPC_PROTOCOL', message, { cause });
    }
  }
}
