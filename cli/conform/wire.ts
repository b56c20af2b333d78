import type { Socket } from 'node:net';

/** A received frame, with whatever members its JSON has. */
export interface Frame {
  type?: unknown;
  data?: unknown;
  id?: unknown;
  re?: unknown;
  error?: unknown;
  end?: unknown;
  [member: string]: unknown;
}

type Matches = (frame: Frame) => boolean;

/** The delimiter of node-ipc's frames. */
export const DELIMITER = '\f';
const FORM_FEED = 0x0c;

/** Control requests that are answered automatically, as the specification requires of a peer. */
const ANSWERED = new Set(['ipc:ping', 'ipc:subscribe', 'ipc:unsubscribe']);

/**
 * One connection to the program under test. It reads frames and JSON without any code of omni-ipc's engine, so that a fault
 * of the engine cannot hide in the test.
 */
export class Wire {
  /** Received frames that were not packets. */
  readonly faults: string[] = [];
  readonly #socket: Socket;
  readonly #frames: Frame[] = [];
  readonly #looks = new Set<() => void>();
  #chunks: Buffer[] = [];
  #open = true;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => {});
    socket.on('end', () => this.#ended());
    socket.on('close', () => this.#ended());
    socket.resume();
  }

  /** Whether the other side has not ended the connection, and this side has not destroyed it. */
  get open(): boolean {
    return this.#open;
  }

  /** Writes bytes, or a string as UTF-8. */
  write(bytes: string | Uint8Array): void {
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.write(bytes);
  }

  /** Writes a frame. */
  send(frame: Frame): void {
    this.write(JSON.stringify(frame) + DELIMITER);
  }

  /** Returns the first frame that matches, received already or in the future; undefined if none arrives in time. */
  receive(matches: Matches, timeout: number): Promise<Frame | undefined> {
    return this.#wait(timeout, () => {
      const index = this.#frames.findIndex(matches);
      if (index !== -1) return { value: this.#frames.splice(index, 1)[0] };
      return this.#open ? undefined : { value: undefined };
    });
  }

  /** Whether a matching frame was received and not yet taken. */
  has(matches: Matches): boolean {
    return this.#frames.some(matches);
  }

  /** Whether the other side closes the connection in time. */
  async ends(timeout: number): Promise<boolean> {
    return (await this.#wait(timeout, () => (this.#open ? undefined : { value: true }))) === true;
  }

  /** Ends this side of the connection, like a program that exits normally. */
  end(): void {
    this.#socket.end();
  }

  /** Destroys the connection. */
  destroy(): void {
    this.#socket.destroy();
    this.#ended();
  }

  #wait<Value>(timeout: number, look: () => { value: Value } | undefined): Promise<Value | undefined> {
    return new Promise((resolve) => {
      const settle = (value: Value | undefined) => {
        clearTimeout(timer);
        this.#looks.delete(again);
        resolve(value);
      };
      const again = () => {
        const found = look();
        if (found !== undefined) settle(found.value);
      };
      const timer = setTimeout(() => settle(undefined), timeout);
      this.#looks.add(again);
      again();
    });
  }

  #read(chunk: Buffer): void {
    let start = 0;
    for (let at = chunk.indexOf(FORM_FEED); at !== -1; at = chunk.indexOf(FORM_FEED, start)) {
      this.#chunks.push(chunk.subarray(start, at));
      this.#take(Buffer.concat(this.#chunks).toString());
      this.#chunks = [];
      start = at + 1;
    }
    if (start < chunk.length) this.#chunks.push(chunk.subarray(start));
    for (const look of [...this.#looks]) look();
  }

  #take(text: string): void {
    let frame: Frame;
    try {
      frame = JSON.parse(text);
    } catch {
      this.faults.push(text.slice(0, 80));
      return;
    }
    if (typeof frame !== 'object' || frame === null || typeof frame.type !== 'string') {
      this.faults.push(text.slice(0, 80));
      return;
    }
    if (frame.re === undefined && frame.id !== undefined && ANSWERED.has(frame.type)) {
      this.send({ type: frame.type, data: {}, re: frame.id });
    }
    if (frame.type === 'ipc:hello') this.send({ type: 'ipc:welcome', data: { id: 'conform' } });
    this.#frames.push(frame);
  }

  #ended(): void {
    this.#open = false;
    for (const look of [...this.#looks]) look();
  }
}
