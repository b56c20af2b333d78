import { IPCError } from '../../entities/errors.js';
import type { NatsPacket } from './nats-packet.js';

/** The memory that a part takes besides its characters, in bytes. Short parts may take as much of it as the longest message. */
const PART_OVERHEAD = 64;

/** So many parts are accepted whatever their overhead, since a NATS server may have a small size limit. */
const MOST_SPARE = 1000;

/** Assembles messages that exceed NATS's size limit from their parts, the reverse of {@link split}. */
export class PartAssembler {
  #parts: string[] = [];
  #size = 0;

  /**
   * Takes a part. A part that is not the next one is ignored; all parts are sent again in that case.
   * @param longest the maximum length of a message, in characters
   * @returns the message, if this was its last part
   * @throws IPCError ERR_IPC_TOO_LARGE
   */
  take({ number, part, parts, text }: NatsPacket, longest: number): string | undefined {
    if (part === 0) this.#clear();
    if (part !== this.#parts.length) return undefined;
    this.#size += text.length;
    const overhead = (this.#parts.length - MOST_SPARE) * PART_OVERHEAD;
    if (this.#size > longest || overhead > longest) {
      this.#clear();
      const message = `Member ${number} sent a message of more than ${longest} characters, or in too many parts; raise maxMessageSize of every member.`;
      throw new IPCError('ERR_IPC_TOO_LARGE', message);
    }
    this.#parts.push(text);
    if (this.#parts.length < parts) return undefined;
    const message = this.#parts.join('');
    this.#clear();
    return message;
  }

  #clear(): void {
    this.#parts = [];
    this.#size = 0;
  }
}
