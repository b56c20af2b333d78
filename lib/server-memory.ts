import type { Config } from '../entities/config.js';
import { IPCError } from '../entities/errors.js';
import { MEBIBYTE } from '../entities/limits.js';
import { REQUEST_BYTES, type Responder } from './conversations/responder.js';
import type { Subscribers } from './conversations/subscribers.js';
import { type MemoryHolder, MemoryLimit } from './memory-limit.js';
import type { Peer } from './peer.js';

/** The parts of a server whose memory is measured, and the callbacks. */
export interface ServerParts {
  readonly config: Config;
  readonly responder: Responder;
  readonly subscribers: Subscribers<Peer>;
  readonly peers: () => Iterable<Peer>;
  failed(error: IPCError, peer: Peer | undefined): void;
}

/** Limits the memory of all clients of a server together to `config.maxTotalBytes`. */
export class ServerMemory {
  readonly #parts: ServerParts;
  readonly #limit: MemoryLimit;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#limit = new MemoryLimit(parts.config.maxTotalBytes, () => this.#holders());
  }

  /** The memory of clients has grown by about this many bytes. */
  grew(bytes: number): void {
    this.#limit.grew(bytes);
  }

  #holders(): MemoryHolder[] {
    const { peers, responder } = this.#parts;
    const holders: MemoryHolder[] = [];
    for (const peer of peers()) {
      const bytes = this.#bytesOf(peer);
      holders.push({ bytes, drop: () => this.#end(peer, bytes) });
    }
    for (const session of responder.away) {
      const bytes = session.awayBytes;
      const drop = () => {
        responder.forget(session);
        this.#parts.failed(
          this.#overloaded(bytes, 'the answers that were kept for it are forgotten'),
          undefined,
        );
      };
      holders.push({ bytes, drop });
    }
    return holders;
  }

  /** The memory of a client, including what is kept for it. */
  #bytesOf(peer: Peer): number {
    const { pipe, session, streams, answering } = peer;
    const requests = answering * REQUEST_BYTES;
    const bodies = streams?.budget.bytes ?? 0;
    return (
      pipe.measure() + this.#parts.subscribers.bytesOf(peer) + (session?.awayBytes ?? 0) + bodies + requests
    );
  }

  /**
   * Closes a client's connection. It is told the reason if it reads; a client that does not, or that is already being
   * closed, is destroyed.
   */
  #end(peer: Peer, bytes: number): void {
    const { session } = peer;
    if (session !== undefined) this.#parts.responder.forget(session);
    const error = this.#overloaded(bytes, 'it is disconnected');
    const { open } = peer;
    if (!open || peer.congested) peer.destroy();
    else {
      const reason = 'it occupies more memory than the server has for all clients (config.maxTotalBytes)';
      peer.refuse({ reason, reconnect: true, code: error.code });
    }
    if (open) this.#parts.failed(error, peer);
  }

  #overloaded(bytes: number, outcome: string): IPCError {
    const message =
      `All clients together occupy more than ${this.#parts.config.maxTotalBytes} bytes of memory (config.maxTotalBytes). One occupies ` +
      `${(bytes / MEBIBYTE).toFixed(1)} MiB, the most of all, so that ${outcome}. Send less to clients that do not read, or raise the limit.`;
    return new IPCError('ERR_IPC_OVERLOADED', message);
  }
}
