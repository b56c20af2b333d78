import type { Config } from '../entities/config.js';
import { codeOf, IPCError } from '../entities/errors.js';
import { PING } from '../entities/packet.js';
import type { Calls } from './conversations/calls.js';
import { NO_OPTIONS } from './conversations/request-options.js';
import type { Peer } from './peer.js';

/** The client whose connections are probed. */
export interface ProbedClient {
  readonly id: string;
  readonly config: Config;
  readonly calls: Calls;
  readonly reconnector: {
    /** Whether the client has stopped reading, and thus cannot receive an answer. */
    readonly paused: boolean;
    failed(error: IPCError, peer: Peer): void;
  };
}

/**
 * Verifies that a process serves a connection: the primary of a cluster leaves a connection open if the worker that should
 * have received it has died. The client drops a connection that nobody serves, so that it connects again.
 */
export class LivenessProbe {
  readonly #client: ProbedClient;
  /** Whether the server has answered on an earlier connection. */
  #answersPings = false;
  /** Whether a connection on which a call was not answered was probed. A server that never answers is probed once. */
  #doubted = false;

  constructor(client: ProbedClient) {
    this.#client = client;
  }

  /** A connection begins. */
  began(peer: Peer): void {
    if (this.#answersPings && peer.pipe.packetsIn === 0) void this.#probe(peer);
  }

  /** A call was not answered in time: if nothing has arrived at all, perhaps nobody serves the connection. */
  unanswered(peer: Peer | undefined): void {
    if (this.#doubted || !peer?.admitted || !answersCalls(peer) || peer.pipe.packetsIn > 0) return;
    this.#doubted = true;
    void this.#probe(peer);
  }

  /** A connection has ended. */
  ended(peer: Peer): void {
    if (answersCalls(peer) && peer.speaks) this.#answersPings = true;
  }

  /** Drops a connection that nobody serves. */
  async #probe(peer: Peer): Promise<void> {
    const { id, config, calls, reconnector } = this.#client;
    const timeout = config.handshakeTimeout;
    // With `sync`, the answer to a ping would count as the answer to the first packet.
    if (timeout === 0 || config.sync) return;
    if (await isServed(peer, calls, timeout, reconnector)) return;
    // It may be another server, which does not answer pings.
    this.#answersPings = false;
    peer.destroy();
    const message =
      `${id} sent nothing on this connection, and did not answer a ping within ${timeout} ms (config.handshakeTimeout); ` +
      'the client connects once more.';
    reconnector.failed(new IPCError('ERR_IPC_HANDSHAKE', message), peer);
  }
}

/**
 * @param calls the table of calls to the peer
 * @param timeout how long the other side may be silent, in milliseconds
 * @param reader says whether this side has stopped reading, and thus cannot receive an answer
 * @returns false if the connection is open and the other side was silent all the time
 */
export async function isServed(
  peer: Peer,
  calls: Calls,
  timeout: number,
  reader: { readonly paused: boolean },
): Promise<boolean> {
  // In two rounds: if this process was busy all through the first one, it has not read the answer yet.
  for (let round = 0; round < 2; round++) {
    try {
      await calls.ask(PING, undefined, timeout / 2, NO_OPTIONS, peer);
      return true;
    } catch (error) {
      if (codeOf(error) !== 'ERR_IPC_TIMEOUT' || !peer.open) return true;
      // A server that sends data is alive, even if the ping's answer takes longer.
      if (peer.stats.bytesIn > 0 || reader.paused) return true;
    }
  }
  return false;
}

/** Whether a server of this package answers calls on the connection, pings included, without a handshake before. */
function answersCalls({ dialect: { capabilities, handshake } }: Peer): boolean {
  return capabilities.calls && handshake.hello === 'optional';
}
