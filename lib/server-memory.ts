import type { Config } from '../entities/config.js';
import { IPCError } from '../entities/errors.js';
import { MEBIBYTE } from '../entities/limits.js';
import { REQUEST_BYTES, type Responder } from './conversations/responder.js';
import type { Subscribers } from './conversations/subscribers.js';
import { type MemoryHolder, MemoryLimit } from './memory-limit.js';
import type { Peer } from './peer.js';

/** What a {@link ServerMemory} measures, and whom it tells. */
export interface ServerParts {
  readonly config: Config;
  readonly responder: Responder;
  readonly subscribers: Subscribers<Peer>;
  readonly peers: () => Iterable<Peer>;
  failed(error: IPCError, peer: Peer | undefined): void;
}

/** Bounds what all clients of a server occupy together by `config.maxTotalBytes`. */
export class ServerMemory {
  readonly #parts: ServerParts;
  readonly #limit: MemoryLimit;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#limit = new MemoryLimit(parts.config.maxTotalBytes, () => this.#holders());
  }

  /** Clients occupy so many bytes more, or about as many. */
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

  /** What a client occupies, with what is kept for it. */
  #bytesOf(peer: Peer): number {
    const { pipe, session, streams, answering } = peer;
    const requests = answering * REQUEST_BYTES;
    const bodies = streams?.budget.bytes ?? 0;
    return (
      pipe.measure() + this.#parts.subscribers.bytesOf(peer) + (session?.awayBytes ?? 0) + bodies + requests
    );
  }

  /** A client that reads learns why; one that does not, or is being ended already, is just dropped. */
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
