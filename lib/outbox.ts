import type { Socket } from 'node:net';

/** Past this, a turn's text is handed to the socket without waiting for the turn's end. */
const LONGEST_TEXT = 256 * 1024;
/** Buffers up to this are worth a copy into one write. */
const SMALL_BUFFERS = 64 * 1024;

/** Those that have something to write, flushed together at the end of the turn, or when the process exits. */
const waiting: Outbox[] = [];
let scheduled = false;

function flushAll(): void {
  scheduled = false;
  for (let i = 0; i < waiting.length; i++) (waiting[i] as Outbox).flush();
  waiting.length = 0;
}

process.on('exit', flushAll);

/**
 * What a connection has still to write. All that is pushed within one turn of the event loop goes out as one
 * `socket.write`, in order; what is pushed right before `process.exit()` still reaches the kernel.
 */
export class Outbox {
  readonly #socket: Socket;
  #text = '';
  #parts: (string | Buffer)[] = [];
  /** Bytes (for text: characters) in `#parts`. */
  #size = 0;
  #waiting = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that neither the kernel nor, as far as counted here, the peer has; text counts a character as a byte. */
  get pending(): number {
    return this.#size + this.#text.length + this.#socket.writableLength;
  }

  /** Takes bytes to write, in the order pushed. */
  push(bytes: string | Buffer): void {
    if (typeof bytes === 'string') {
      this.#text += bytes;
      if (this.#text.length > LONGEST_TEXT) {
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
    waiting.push(this);
    if (scheduled) return;
    scheduled = true;
    process.nextTick(flushAll);
  }

  /** Hands everything to the socket now. */
  flush(): void {
    this.#waiting = false;
    const socket = this.#socket;
    if (this.#parts.length === 0) {
      const text = this.#text;
      if (text === '') return;
      this.#text = '';
      if (socket.writable) socket.write(text, 'utf8');
      return;
    }
    this.#closeText();
    const parts = this.#parts;
    const size = this.#size;
    this.#parts = [];
    this.#size = 0;
    if (!socket.writable) return;
    if (parts.length === 1) socket.write(parts[0] as Buffer);
    else if (size <= SMALL_BUFFERS) socket.write(Buffer.concat(parts.map(toBuffer)));
    else {
      socket.cork();
      for (const part of parts) socket.write(part);
      socket.uncork();
    }
  }

  #closeText(): void {
    if (this.#text === '') return;
    this.#parts.push(this.#text);
    this.#size += this.#text.length;
    this.#text = '';
  }
}

function toBuffer(part: string | Buffer): Buffer {
  return typeof part === 'string' ? Buffer.from(part) : part;
}
