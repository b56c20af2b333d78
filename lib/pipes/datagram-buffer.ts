import type { Endpoint } from '../../entities/address.js';
import type { Encoded } from '../../entities/packet.js';
import { type Flushable, flushLater } from './flushing.js';

/**
 * Fits into an Ethernet frame, with room for tunnels. A longer datagram would be fragmented, and lost as a whole if any
 * fragment is lost. In bytes.
 */
const LONGEST_JOINED = 1400;

/**
 * The send buffer of a UDP server: consecutive frames to the same peer within a turn share a datagram, as long as it stays
 * short.
 */
export class DatagramBuffer implements Flushable {
  readonly #transmit: (datagram: Buffer, frames: number, peer: Endpoint) => boolean;
  #peer: Endpoint | undefined;
  #text = '';
  #size = 0;
  #frames = 0;
  #waiting = false;

  constructor(transmit: (datagram: Buffer, frames: number, peer: Endpoint) => boolean) {
    this.#transmit = transmit;
  }

  /** Adds a frame of text, or a complete datagram of bytes. */
  push(encoded: Encoded, peer: Endpoint): boolean {
    const frame = typeof encoded === 'string' || Buffer.isBuffer(encoded) ? encoded : encoded.join('');
    const size = typeof frame === 'string' ? Buffer.byteLength(frame) : frame.length;
    if (peer !== this.#peer || this.#size + size > LONGEST_JOINED) this.flush();
    if (typeof frame !== 'string') return this.#transmit(frame, 1, peer);
    if (size > LONGEST_JOINED) return this.#transmit(Buffer.from(frame), 1, peer);
    this.#peer = peer;
    this.#text += frame;
    this.#size += size;
    this.#frames++;
    if (this.#waiting) return true;
    this.#waiting = true;
    flushLater(this);
    return true;
  }

  flush(): void {
    this.#waiting = false;
    const peer = this.#peer;
    if (peer === undefined) return;
    const datagram = Buffer.from(this.#text);
    const frames = this.#frames;
    this.#peer = undefined;
    this.#text = '';
    this.#size = 0;
    this.#frames = 0;
    this.#transmit(datagram, frames, peer);
  }
}
