import type { Path, Position } from './carrier.js';
import type { Deduplicator } from './deduplicator.js';
import { LineReader } from './line-reader.js';
import { isMember, type Member } from './members.js';

/** The first line that each side sends on a connection between two members. */
export interface ConnectionHello extends Position {
  /** The id of the intended receiver; another run may have its number by now. */
  readonly to: string;
  readonly from: Member;
}

/** How a connection reports to its carrier, and asks it. */
export interface ConnectionEvents {
  /** The other side has sent its hello. Returns the deduplicator for its messages, or undefined to refuse the connection. */
  hello(hello: ConnectionHello, connection: DirectConnection): Deduplicator | undefined;
  message(connection: DirectConnection, body: string): void;
  acknowledged(connection: DirectConnection, seq: number): void;
  /** The other side violated the protocol, and the connection is closed. */
  invalid(what: string): void;
}

/** The writable side of the connection. */
export interface Socket {
  write(text: string): void;
  destroy(): void;
}

const BRACE = 0x7b;

/** From this many characters, a batch is written at once and does not wait for the end of the turn. */
const FULL_BATCH = 32 * 1024;

/**
 * A connection between two members, used in both directions. Each side sends a hello, which states where its stream
 * continues. Then follow messages, one per line and numbered implicitly by their order, and acknowledgements: the number of
 * the last accepted message. Everything written in one turn of the event loop is sent together.
 */
export class DirectConnection implements Path {
  /** Whether this side opened the connection. */
  readonly dialed: boolean;
  /** The member on the other side, once it is known. */
  peer: Member | undefined;
  /** The epoch of this side's stream. */
  epoch = 0;
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #reader: LineReader;
  #incoming: Deduplicator | undefined;
  /** The epoch of the sender's stream, and the number of the next message. */
  #epoch = 0;
  #next = 0;
  #batch = '';
  #acknowledged = 0;
  #scheduled = false;
  #over = false;
  /**
   * Whether anything was sent or received since the last call of {@link isIdle}; the number of the last sent message, and
   * of the last acknowledged one.
   */
  #active = true;
  #sent = 0;
  #confirmed = 0;
  readonly #flush = () => this.flush();

  /** @param longest the maximum size of a line, in bytes */
  constructor(socket: Socket, dialed: boolean, longest: number, events: ConnectionEvents) {
    this.#socket = socket;
    this.dialed = dialed;
    this.#reader = new LineReader(longest);
    this.#events = events;
  }

  /** Sends this side's hello. */
  greet(hello: ConnectionHello): void {
    this.epoch = hello.epoch;
    this.#write(JSON.stringify(hello));
  }

  send(seq: number, body: string): void {
    this.#sent = seq;
    this.#write(body);
  }

  /** Whether no message waits for an acknowledgement, and nothing was sent or received since the last call. */
  isIdle(): boolean {
    const idle = !this.#active && this.#confirmed >= this.#sent;
    this.#active = false;
    return idle;
  }

  /** Reads a chunk of bytes. Closes the connection on a protocol violation. */
  receive(chunk: Buffer): void {
    this.#active = true;
    const text = this.#reader.push(chunk);
    if (text === undefined) {
      this.refuse('a line that is too long');
      return;
    }
    for (let start = 0; start < text.length && !this.#over; ) {
      const end = text.indexOf('\n', start);
      this.#line(text.slice(start, end));
      start = end + 1;
    }
  }

  /** Sends the current batch. */
  flush(): void {
    this.#scheduled = false;
    if (this.#over) return;
    const incoming = this.#incoming;
    let text = this.#batch;
    if (incoming !== undefined && incoming.epoch === this.#epoch && incoming.last > this.#acknowledged) {
      this.#acknowledged = incoming.last;
      text += `${incoming.last}\n`;
    }
    this.#batch = '';
    if (text === '') return;
    this.#active = true;
    this.#socket.write(text);
  }

  /** Stops sending and receiving. */
  end(): void {
    this.#over = true;
    this.#batch = '';
  }

  destroy(): void {
    this.end();
    this.#socket.destroy();
  }

  /** Closes the connection because of what the other side sent. */
  refuse(what: string): void {
    this.destroy();
    this.#events.invalid(what);
  }

  #write(line: string): void {
    this.#batch += line;
    this.#batch += '\n';
    if (this.#batch.length >= FULL_BATCH) this.flush();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  #line(line: string): void {
    const incoming = this.#incoming;
    if (incoming === undefined) this.#introduced(line);
    else if (line.charCodeAt(0) === BRACE) {
      const seq = this.#next++;
      if (incoming.take(this.#epoch, seq)) this.#events.message(this, line);
      // Acknowledges a duplicate again, since the sender may not have received the acknowledgement.
      else if (seq <= incoming.last) this.#acknowledged = 0;
      this.#schedule();
    } else {
      const seq = Number(line);
      if (Number.isSafeInteger(seq)) {
        this.#confirmed = seq;
        this.#events.acknowledged(this, seq);
      } else this.refuse('a line that is neither a message nor an acknowledgement');
    }
  }

  #introduced(line: string): void {
    const hello = helloOf(line);
    if (hello === undefined) {
      this.refuse('no hello');
      return;
    }
    this.#incoming = this.#events.hello(hello, this);
    if (this.#incoming === undefined) {
      this.destroy();
      return;
    }
    this.#epoch = hello.epoch;
    this.#next = hello.first;
  }
}

function helloOf(line: string): ConnectionHello | undefined {
  try {
    const { to, from, epoch, first } = JSON.parse(line) as ConnectionHello;
    if (typeof to !== 'string' || !isMember(from)) return undefined;
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(first) || first < 1) return undefined;
    return { to, from, epoch, first };
  } catch {
    return undefined;
  }
}
