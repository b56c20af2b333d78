import type { Socket } from 'node:net';
import type { Encoded, LongText } from '../../entities/packet.js';
import { EMPTY, release } from '../bytes.js';
import { ByteTail } from './byte-tail.js';
import { catchUp, type Finishable, fallBehind, flushLater } from './flushing.js';
import { HeldWrites } from './held-writes.js';
import { OpenWrites } from './open-writes.js';
import { DescriptorRest, HandleRest, type Rest } from './rest.js';
import { LONGEST_PIECE, pieceEnd, pieceOf } from './text-pieces.js';

/**
 * When the text of a turn exceeds this size, it is written before the turn ends, so that the other side can start to read.
 */
const BURST = 16 * 1024;
/** Buffers of one turn up to this total size are copied into one. */
const SMALL_BUFFERS = 64 * 1024;

/** The conversion of text to bytes, if it is not UTF-8. */
export interface Writing {
  bytes?(text: string): Buffer;
}

const UTF8: Writing = {};

/**
 * Whether the end of an empty write tells that the kernel has accepted what came before. Only Linux accepts an empty write if
 * the other side has closed the connection. Elsewhere it fails, and with the socket everything is lost that arrived before.
 */
const MARKS = process.platform === 'linux';

/** The owner of the writes. */
export interface WriteOwner {
  /** The process exited before everything could be written. */
  lost(): void;
}

/**
 * The write buffer of a connection. Everything pushed within one turn of the event loop is written by one `socket.write`
 * (by one for each 16 KiB of text), in order. While the kernel accepts no more data, it waits here, small chunks joined.
 * When the process exits, the rest is written without the event loop.
 */
export class WriteBuffer implements Finishable {
  readonly #socket: Socket;
  readonly #owner: WriteOwner | undefined;
  /** The latest text, which follows `#parts` and `#tail`. */
  #text = '';
  /** How `#text` is converted to bytes. */
  #writing: Writing = UTF8;
  /** Bytes, and long texts. */
  #parts: (string | LongText | Buffer)[] = [];
  /** Small chunks that wait for the kernel; they follow `#parts`. */
  #tail: ByteTail | undefined;
  /** How many characters of a long text in the first part were written. */
  #taken = 0;
  /** The size of `#parts` and `#tail`, in bytes and characters. */
  #size = 0;
  #waiting = false;
  #marked = false;
  #broken = false;
  #held: HeldWrites | undefined;
  /** Whether the process is exiting and the socket's data was written in another way. */
  #exited = false;
  /** Whether the socket encrypts what it is given, so that only the socket itself can write the rest. */
  readonly #encrypted: boolean;
  /** Counts the writes where no empty write may follow them, as over TLS; `#reached` is called for each of them. */
  readonly #writes: OpenWrites | undefined;
  /** The bound function {@link #reached}, created on first use, since most connections never wait for the kernel. */
  #callback: ((error?: Error | null) => void) | undefined;

  constructor(socket: Socket, owner?: WriteOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#encrypted = (socket as { encrypted?: boolean }).encrypted === true;
    if (this.#encrypted || !MARKS) this.#writes = new OpenWrites();
  }

  /** How many bytes were not accepted by the kernel yet; a character of text counts as one. */
  get pending(): number {
    return this.#size + this.#text.length + this.#socket.writableLength;
  }

  /** Whether a closed socket has unsent data. */
  get broken(): boolean {
    return this.#broken || this.pending > 0;
  }

  /** Adds data in order; `writing` says how a string is converted to bytes. */
  push(encoded: Encoded, writing: Writing = UTF8): void {
    if (typeof encoded === 'string' && (encoded.length <= LONGEST_PIECE || writing.bytes !== undefined)) {
      if (writing !== this.#writing) {
        this.#closeText();
        this.#writing = writing;
      }
      this.#text += encoded;
      if (this.#text.length > BURST) {
        this.flush();
        return;
      }
    } else if (Array.isArray(encoded)) {
      for (const part of encoded) this.push(part, writing);
      return;
    } else {
      this.#closeText();
      this.#add(encoded as string | LongText | Buffer);
      if (this.#size >= SMALL_BUFFERS && !this.#marked) {
        this.flush();
        return;
      }
    }
    if (this.#waiting) return;
    this.#waiting = true;
    flushLater(this);
  }

  /** Writes everything to the socket now; of a long text as much as the kernel accepts or, with `all`, everything. */
  flush(all = false): void {
    this.#waiting = false;
    const socket = this.#socket;
    if (this.#exited) fallBehind(this);
    if (!socket.writable || this.#exited) return;
    if (this.#marked && !all) {
      this.#closeText();
      return;
    }
    if (this.#size > 0) this.#writeParts(all);
    else if (this.#text !== '') {
      const text = this.#text;
      this.#text = '';
      // A busy socket keeps the data that it is given, so text is converted to bytes first: they take the least memory and
      // are never copied again.
      if (socket.writableLength === 0 && this.#writing.bytes === undefined) this.#write(text);
      else this.#write(this.#bytesOf(text));
    }
    if (all || !this.#marked) this.#mark();
  }

  /** Calls back when the socket has written everything pushed so far, or has lost it. */
  drained(callback: (lost: boolean) => void): void {
    const socket = this.#socket;
    if (!socket.writable) {
      this.#ended(callback);
      return;
    }
    this.flush(true);
    if (this.#writes !== undefined) this.#writes.drained(callback);
    else socket.write(EMPTY, (error) => callback(Boolean(error) || socket.destroyed));
  }

  /** Calls back when an ended socket has written everything, or has closed. */
  #ended(callback: (lost: boolean) => void): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableFinished) {
      callback(!socket.writableFinished);
      return;
    }
    const tell = () => {
      socket.off('finish', tell);
      socket.off('close', tell);
      callback(!socket.writableFinished);
    };
    socket.on('finish', tell);
    socket.on('close', tell);
  }

  takeRest(): Rest | undefined {
    const held = this.#exited ? EMPTY : this.#holding.unsent();
    this.#exited = true;
    this.#waiting = false;
    if (held === undefined || this.#encrypted || this.#broken) return undefined;
    this.#closeText();
    this.#closeTail();
    const parts = this.#parts.map((part, index) => restOf(part, index === 0 ? this.#taken : 0));
    this.#parts = [];
    this.#size = 0;
    const bytes = Buffer.concat([held, ...parts]);
    const { descriptor } = this.#holding;
    return descriptor < 0 ? new HandleRest(this.#socket, bytes) : new DescriptorRest(descriptor, bytes);
  }

  lost(): void {
    this.#broken = true;
    this.#owner?.lost();
  }

  #add(part: string | LongText | Buffer): void {
    this.#size += part.length;
    if (this.#marked && Buffer.isBuffer(part) && ByteTail.suits(part.length)) {
      this.#tail ??= new ByteTail();
      const full = this.#tail.append(part);
      if (full !== undefined) this.#parts.push(full);
    } else {
      this.#closeTail();
      this.#parts.push(part);
    }
  }

  #writeParts(all: boolean): void {
    this.#closeText();
    this.#closeTail();
    const parts = this.#parts;
    let done = 0;
    while (done < parts.length) {
      const part = parts[done] as string | LongText | Buffer;
      if (Buffer.isBuffer(part)) done = this.#writeBuffers(done);
      else if (this.#writeText(part, all)) done++;
      else break;
    }
    if (done === parts.length) this.#parts = [];
    else parts.splice(0, done);
  }

  /** Writes the buffers from a part on; returns the index of the next part. */
  #writeBuffers(from: number): number {
    const socket = this.#socket;
    const parts = this.#parts;
    let size = 0;
    let to = from;
    for (; Buffer.isBuffer(parts[to]); to++) size += (parts[to] as Buffer).length;
    const buffers = parts.slice(from, to) as Buffer[];
    if (buffers.length === 1) this.#write(buffers[0] as Buffer);
    else if (size <= SMALL_BUFFERS) this.#write(Buffer.concat(buffers, size));
    else {
      socket.cork();
      for (const buffer of buffers) this.#write(buffer);
      socket.uncork();
    }
    this.#size -= size;
    return to;
  }

  /** Writes pieces of a text as long as the kernel accepts them; returns whether everything was written. */
  #writeText(part: string | LongText, all: boolean): boolean {
    const socket = this.#socket;
    const text = typeof part === 'string' ? part : part.text;
    while (this.#taken < text.length) {
      if (!all && socket.writableLength > 0) return false;
      const end = pieceEnd(text, this.#taken);
      const bytes = pieceOf(part, this.#taken, end);
      this.#write(bytes);
      // The kernel has accepted them and nothing else refers to them.
      if (socket.writableLength === 0) release(bytes);
      this.#size -= end - this.#taken;
      this.#taken = end;
    }
    this.#taken = 0;
    return true;
  }

  /** Arranges to be notified when the kernel has accepted everything that the socket was given. */
  #mark(): void {
    // Where writes are counted, those of other code end unnoticed: if only they are open, there is nothing to wait for.
    if (this.#socket.writableLength === 0 || this.#writes?.count === 0) {
      this.#held = undefined;
      return;
    }
    if (!this.#encrypted) this.#holding.look();
    this.#marked = true;
    fallBehind(this);
    if (this.#writes === undefined) this.#socket.write(EMPTY, this.#whenReached);
  }

  #write(data: string | Buffer): void {
    if (this.#writes === undefined) this.#socket.write(data);
    else {
      this.#writes.count++;
      this.#socket.write(data, this.#whenReached);
    }
    if (!this.#encrypted && this.#socket.writableLength > 0) this.#holding.add(data);
  }

  /** The kernel has accepted what the socket was given. */
  #reached(error?: Error | null): void {
    this.#marked = false;
    if (this.#writes !== undefined) this.#writes.completed(Boolean(error));
    // Node reports a write that was cut off as completed.
    if (error || this.#socket.destroyed) this.#broken = true;
    else if (this.#socket.writableLength > 0) {
      this.#mark();
      return;
    }
    this.#held = undefined;
    catchUp(this);
    if (!this.#broken && this.#size > 0) this.flush();
  }

  get #whenReached(): (error?: Error | null) => void {
    this.#callback ??= (error) => this.#reached(error);
    return this.#callback;
  }

  /** The held writes, created on first use. */
  get #holding(): HeldWrites {
    this.#held ??= new HeldWrites(this.#socket);
    return this.#held;
  }

  #bytesOf(text: string): Buffer {
    return this.#writing.bytes?.(text) ?? Buffer.from(text);
  }

  #closeText(): void {
    if (this.#text === '') return;
    const part = this.#bytesOf(this.#text);
    this.#text = '';
    this.#add(part);
  }

  #closeTail(): void {
    if (this.#tail === undefined) return;
    if (this.#tail.length > 0) this.#parts.push(this.#tail.take() as Buffer);
    this.#tail = undefined;
  }
}

function restOf(part: string | LongText | Buffer, taken: number): Buffer {
  return Buffer.isBuffer(part) ? part : pieceOf(part, taken, part.length);
}
