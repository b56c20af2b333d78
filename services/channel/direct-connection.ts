import type { Path, Position } from './carrier.js';
import type { Deduplicator } from './deduplicator.js';
import { LineReader } from './line-reader.js';
import { isMember, type Member } from './members.js';

/** What two members say first to each other on a connection. */
export interface Hello extends Position {
  /** The run that it is for: another may have its number by now. */
  readonly to: string;
  readonly from: Member;
}

/** What a connection tells, and asks, the carrier. */
export interface ConnectionEvents {
  /** The other side has introduced itself; gives what becomes of its messages, or undefined if it is not wanted. */
  hello(hello: Hello, connection: DirectConnection): Deduplicator | undefined;
  message(connection: DirectConnection, body: string): void;
  acknowledged(connection: DirectConnection, seq: number): void;
}

/** How the bytes go out. */
export interface Socket {
  write(text: string): void;
  destroy(): void;
}

const BRACE = 0x7b;

/** From so many characters on it is not worth waiting for the end of the turn. */
const FULL_BATCH = 32 * 1024;

/**
 * One connection between two members, both ways. Each says hello, which tells where its stream goes on; then come messages, a
 * line each, numbered by their order alone, and between them acknowledgements: the number of the last message handed over.
 * What is written in one turn of the event loop goes out together.
 */
export class DirectConnection implements Path {
  /** Whether this side dialed. */
  readonly dialed: boolean;
  /** Who is on the other side, once that is known. */
  peer: Member | undefined;
  /** Of this side's stream. */
  epoch = 0;
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #reader: LineReader;
  #incoming: Deduplicator | undefined;
  /** The sender's epoch and the number of the next message to come. */
  #epoch = 0;
  #next = 0;
  #batch = '';
  #acknowledged = 0;
  #scheduled = false;
  #over = false;
  /** Whether anything has been sent or received since this was last asked; what has been sent, and what of it acknowledged. */
  #active = true;
  #sent = 0;
  #confirmed = 0;
  readonly #flush = () => this.flush();

  /** @param longest bytes that a line may have */
  constructor(socket: Socket, dialed: boolean, longest: number, events: ConnectionEvents) {
    this.#socket = socket;
    this.dialed = dialed;
    this.#reader = new LineReader(longest);
    this.#events = events;
  }

  /** Introduces this side. */
  greet(hello: Hello): void {
    this.epoch = hello.epoch;
    this.#write(JSON.stringify(hello));
  }

  send(seq: number, body: string): void {
    this.#sent = seq;
    this.#write(body);
  }

  /** Whether nothing waits for an acknowledgement, and nothing has been sent or received since this was last asked. */
  isIdle(): boolean {
    const idle = !this.#active && this.#confirmed >= this.#sent;
    this.#active = false;
    return idle;
  }

  /** Takes a chunk of bytes; what is not a talk between members ends the connection. */
  receive(chunk: Buffer): void {
    this.#active = true;
    const text = this.#reader.push(chunk);
    if (text === undefined) {
      this.destroy();
      return;
    }
    for (let start = 0; start < text.length && !this.#over; ) {
      const end = text.indexOf('\n', start);
      this.#line(text.slice(start, end));
      start = end + 1;
    }
  }

  /** Sends what is waiting. */
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

  /** Nothing goes this way any more. */
  end(): void {
    this.#over = true;
    this.#batch = '';
  }

  destroy(): void {
    this.end();
    this.#socket.destroy();
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
      // One that was handed over before is acknowledged as well: its sender may not know.
      else if (seq <= incoming.last) this.#acknowledged = 0;
      this.#schedule();
    } else {
      const seq = Number(line);
      if (Number.isSafeInteger(seq)) {
        this.#confirmed = seq;
        this.#events.acknowledged(this, seq);
      } else this.destroy();
    }
  }

  #introduced(line: string): void {
    const hello = helloOf(line);
    this.#incoming = hello && this.#events.hello(hello, this);
    if (hello === undefined || this.#incoming === undefined) {
      this.destroy();
      return;
    }
    this.#epoch = hello.epoch;
    this.#next = hello.first;
  }
}

function helloOf(line: string): Hello | undefined {
  try {
    const { to, from, epoch, first } = JSON.parse(line) as Hello;
    if (typeof to !== 'string' || !isMember(from)) return undefined;
    if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(first) || first < 1) return undefined;
    return { to, from, epoch, first };
  } catch {
    return undefined;
  }
}
