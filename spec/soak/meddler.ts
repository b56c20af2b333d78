import { createServer, type Server, Socket } from 'node:net';
import { platformPath } from '../../lib/transports/platform-path.js';
import { afterwards } from '../support/afterwards.js';
import { once } from '../support/events.js';
import { freshDirectory } from '../support/places.js';

/** The probabilities, from 0 to 1 per chunk, of the disturbances of a meddler. */
export interface Mischief {
  /** Holds a chunk back for up to 5 ms. */
  delay: number;
  /** Forwards a chunk byte by byte. */
  split: number;
  /** Holds a chunk back for a moment, and joins it with the bytes that come meanwhile. */
  merge: number;
  /** Forwards a part of a chunk, then ends both sides. */
  cut: number;
}

export const NONE: Mischief = { delay: 0, split: 0, merge: 0, cut: 0 };

/** The most bytes that are forwarded one by one. */
const MOST_SPLIT = 400;
const LONGEST_DELAY_MS = 5;

/** A proxy between clients and a server on a local socket that disturbs the traffic in every way, but keeps its order. */
export class Meddler {
  readonly path = platformPath(`${freshDirectory()}/p`);
  readonly #to: string;
  readonly #random: () => number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  mischief: Mischief;
  connections = 0;
  cuts = 0;
  splits = 0;
  merges = 0;
  delays = 0;

  constructor(to: string, random: () => number, mischief = NONE) {
    this.#to = to;
    this.#random = random;
    this.mischief = mischief;
    this.#server = createServer((socket) => this.#pass(socket));
  }

  async listen(): Promise<this> {
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
    afterwards(() => this.close());
    return this;
  }

  /** Ends every connection at any point of its traffic. */
  cut(): void {
    if (this.#sockets.size > 0) this.cuts++;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.mischief = NONE;
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #pass(near: Socket): void {
    this.connections++;
    const far = new Socket();
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => {}); // 'close' follows
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      void this.#carry(from, to);
    }
    far.connect(platformPath(this.#to));
  }

  async #carry(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        const { delay, split, merge, cut } = this.mischief;
        let bytes = chunk;
        if (this.#random() < delay) await this.#wait();
        if (this.#random() < merge) bytes = await this.#merge(bytes, from);
        if (this.#random() < cut) {
          to.write(bytes.subarray(0, Math.floor(this.#random() * bytes.length)));
          this.cuts++;
          break;
        }
        if (this.#random() < split && bytes.length <= MOST_SPLIT) await this.#split(bytes, to);
        else if (!to.write(bytes)) await drained(to);
      }
    } catch {
      // The connection was cut.
    }
    from.destroy();
    to.end();
  }

  /** Writes byte by byte, each in a separate turn as far as the system allows. */
  async #split(bytes: Buffer, to: Socket): Promise<void> {
    this.splits++;
    for (const byte of bytes) {
      await new Promise((resolve) => to.write(Buffer.of(byte), resolve));
    }
  }

  /** Waits for more bytes, and forwards them together. */
  async #merge(bytes: Buffer, from: Socket): Promise<Buffer> {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const more = from.read() as Buffer | null;
    if (more === null) return bytes;
    this.merges++;
    return Buffer.concat([bytes, more]);
  }

  async #wait(): Promise<void> {
    this.delays++;
    await new Promise((resolve) => setTimeout(resolve, this.#random() * LONGEST_DELAY_MS));
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}
