import type { Socket } from 'node:net';

/** A turn's text past this is handed over before the turn ends, so that the other side can begin. */
const BURST = 16 * 1024;
/** How much is handed to the socket at a time, in bytes or characters; more than the kernel takes in one call. */
const BATCH = 256 * 1024;
/** How much of a long text becomes bytes at a time. */
const PIECE = 64 * 1024;

/** How many written parts are forgotten together. */
const MOST_WRITTEN = 1024;

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
 * `socket.write`, in order; what is pushed right before `process.exit()` still reaches the kernel. The socket is given no
 * more than it can pass on soon, and a long text becomes bytes piece by piece, so that what waits is held once.
 */
export class Outbox {
  readonly #socket: Socket;
  #text = '';
  /** What does not fit the socket just now; the first `#next` have been written. */
  #parts: (string | Buffer)[] = [];
  #next = 0;
  /** Bytes (for text: characters) in `#parts` that are not written. */
  #size = 0;
  #waiting = false;
  #draining = false;
  #ending = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the kernel does not have yet; text counts a character as a byte. */
  get pending(): number {
    return this.#size + this.#text.length + this.#socket.writableLength;
  }

  /** Takes bytes to write, in the order pushed. */
  push(bytes: string | Buffer): void {
    if (bytes.length === 0) return;
    if (typeof bytes === 'string') {
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
    waiting.push(this);
    if (scheduled) return;
    scheduled = true;
    process.nextTick(flushAll);
  }

  /** Hands to the socket what it can pass on; the rest follows by itself. */
  flush(): void {
    this.#waiting = false;
    const socket = this.#socket;
    if (!socket.writable) return;
    const text = this.#text;
    if (this.#size === 0 && text.length <= PIECE && socket.writableLength <= BATCH) {
      if (text === '') return;
      this.#text = '';
      socket.write(text, 'utf8');
      return;
    }
    this.#closeText();
    this.#pump();
  }

  /** Ends the socket when all is written. */
  end(): void {
    this.#ending = true;
    this.flush();
    if (this.#size === 0) this.#socket.end();
  }

  #closeText(): void {
    if (this.#text === '') return;
    this.#parts.push(this.#text);
    this.#size += this.#text.length;
    this.#text = '';
  }

  /** Writes in order: buffers as they are, text as long as the socket can pass it on soon. */
  #pump(): void {
    const socket = this.#socket;
    socket.cork();
    while (this.#size > 0) {
      const part = this.#parts[this.#next] as string | Buffer;
      if (typeof part !== 'string') {
        this.#size -= part.length;
        this.#parts[this.#next++] = '';
        socket.write(part);
        continue;
      }
      if (socket.writableLength > BATCH) {
        this.#awaitDrain();
        break;
      }
      this.#writePiece(part);
    }
    socket.uncork();
    if (this.#next <= MOST_WRITTEN && this.#size > 0) return;
    this.#parts = this.#parts.slice(this.#next);
    this.#next = 0;
  }

  #writePiece(part: string): void {
    let end = part.length;
    if (end > PIECE) {
      end = isHighSurrogate(part.charCodeAt(PIECE - 1)) ? PIECE - 1 : PIECE;
      this.#parts[this.#next] = part.slice(end);
    } else this.#parts[this.#next++] = '';
    this.#size -= end;
    this.#socket.write(end === part.length ? part : part.slice(0, end), 'utf8');
  }

  #awaitDrain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#socket.once('drain', () => {
      this.#draining = false;
      if (!this.#socket.writable) return;
      this.#pump();
      if (this.#ending && this.#size === 0) this.#socket.end();
    });
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
