import type { Socket } from 'node:net';

/** A turn's text past this is handed over before the turn ends, so that the other side can begin. */
const BURST = 16 * 1024;
/** Buffers of a turn up to this together are worth a copy into one. */
const SMALL_BUFFERS = 64 * 1024;

/** How text becomes bytes, where it is not UTF-8. */
export interface Writing {
  bytes?(text: string): Buffer;
}

const UTF8: Writing = {};

/** What has something to write at the end of a turn. */
export interface Flushable {
  flush(): void;
}

/** Those that have something to write, flushed together at the end of the turn, or when the process exits. */
const waiting: Flushable[] = [];
let scheduled = false;

function flushAll(): void {
  scheduled = false;
  for (let i = 0; i < waiting.length; i++) (waiting[i] as Flushable).flush();
  waiting.length = 0;
}

process.on('exit', flushAll);

/** Has `flush()` called at the end of this turn, or before the process exits. */
export function flushLater(flushable: Flushable): void {
  waiting.push(flushable);
  if (scheduled) return;
  scheduled = true;
  process.nextTick(flushAll);
}

/**
 * What a connection has still to write. All that is pushed within one turn of the event loop goes out as one
 * `socket.write` (one for every 16 KiB of text), in order; what is pushed right before `process.exit()` still reaches the
 * kernel.
 */
export class Outbox {
  readonly #socket: Socket;
  /** What was pushed last, after `#parts`. */
  #text = '';
  /** How `#text` becomes bytes. */
  #writing: Writing = UTF8;
  #parts: Buffer[] = [];
  /** Bytes in `#parts`. */
  #size = 0;
  #waiting = false;
  #broken = false;
  readonly #written = (error?: Error | null) => {
    // Of a write that is cut off, Node says that it is done.
    if (error || this.#socket.destroyed) this.#broken = true;
  };

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the kernel does not have yet; a character of this turn's text counts as one. */
  get pending(): number {
    return this.#size + this.#text.length + this.#socket.writableLength;
  }

  /** Of a socket that is closed: whether the kernel has not taken everything. */
  get broken(): boolean {
    return this.#broken || this.pending > 0;
  }

  /** Takes bytes to write, in the order pushed; `writing` says what a string stands for. */
  push(bytes: string | Buffer, writing: Writing = UTF8): void {
    if (typeof bytes === 'string') {
      if (writing !== this.#writing) {
        this.#closeText();
        this.#writing = writing;
      }
      this.#text += bytes;
      if (this.#text.length > BURST) {
        this.flush();
        return;
      }
    } else {
      this.#closeText();
      this.#parts.push(bytes);
      this.#size += bytes.length;
    }
    if (this.#waiting) return;
    this.#waiting = true;
    flushLater(this);
  }

  /** Hands everything to the socket now. */
  flush(): void {
    this.#waiting = false;
    const socket = this.#socket;
    if (!socket.writable) return;
    if (this.#parts.length === 0) {
      const text = this.#text;
      if (text === '') return;
      this.#text = '';
      // A socket that is busy keeps what it is given: bytes take the least room and are never copied again.
      if (socket.writableLength === 0 && this.#writing.bytes === undefined) socket.write(text, this.#written);
      else socket.write(this.#bytesOf(text), this.#written);
      return;
    }
    this.#closeText();
    const parts = this.#parts;
    const size = this.#size;
    this.#parts = [];
    this.#size = 0;
    if (parts.length === 1) socket.write(parts[0] as Buffer, this.#written);
    else if (size <= SMALL_BUFFERS) socket.write(Buffer.concat(parts, size), this.#written);
    else {
      socket.cork();
      for (const part of parts) socket.write(part, this.#written);
      socket.uncork();
    }
  }

  #bytesOf(text: string): Buffer {
    return this.#writing.bytes?.(text) ?? Buffer.from(text);
  }

  #closeText(): void {
    if (this.#text === '') return;
    const part = this.#bytesOf(this.#text);
    this.#parts.push(part);
    this.#size += part.length;
    this.#text = '';
  }
}
