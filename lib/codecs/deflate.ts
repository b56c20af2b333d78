import { constants } from 'node:buffer';
import { codeOf, IPCError, messageOf } from '../../entities/errors.js';
import { type Limits, tooLarge } from '../../entities/limits.js';
import { loadPackage } from './optional-packages.js';

interface Stream {
  process(bytes: Buffer): Buffer;
  /** Node's own stream underneath. */
  readonly instance: { on(event: 'error', listener: () => void): void };
}

/** What is used of fast-zlib. */
export interface FastZlib {
  readonly DeflateRaw: new () => Stream;
  readonly InflateRaw: new (options: { maxOutputLength: number }) => Stream;
}

function ignore(): void {}

/** @throws IPCError ERR_IPC_MISSING_PACKAGE */
export function loadFastZlib(): FastZlib {
  return loadPackage('fast-zlib', 'config.compress');
}

/**
 * One direction of a connection through raw deflate: each body is flushed, and made with what the ones before had in it.
 * So what was deflated must be sent.
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

/** The other end of a {@link Deflater}: takes the bodies in the order in which they were made. */
export class Inflater {
  readonly #limits: Limits;
  readonly #stream: Stream;

  /** @throws IPCError ERR_IPC_MISSING_PACKAGE */
  constructor(limits: Limits) {
    const { InflateRaw } = loadFastZlib();
    this.#limits = limits;
    // Inflating stops where this is passed, before the rest takes any memory.
    this.#stream = new InflateRaw({ maxOutputLength: Math.min(limits.maxMessageSize, constants.MAX_LENGTH) });
  }

  /** @throws IPCError ERR_IPC_TOO_LARGE, ERR_IPC_PROTOCOL; it is of no more use after either */
  inflate(body: Buffer): Buffer {
    try {
      return this.#stream.process(body);
    } catch (cause) {
      // Node's stream will emit the same error again, when nobody listens any more: uncaught, it would end the process.
      this.#stream.instance.on('error', ignore);
      if (codeOf(cause) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(this.#limits);
      const message = `A compressed frame cannot be inflated: ${messageOf(cause)}; the two ends no longer agree.`;
      throw new IPCError('ERR_IPC_PROTOCOL', message, { cause });
    }
  }
}
