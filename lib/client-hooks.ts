import type { IPCError } from '../entities/errors.js';
import type { ClientStatus, Retry } from '../entities/events.js';
import type { CloseInfo, Hello, Packet, Welcome } from '../entities/packet.js';
import type { Peer } from './peer.js';

/** The callbacks of the API on top of a client core. */
export interface ClientHooks {
  /** The server sent an event or a request. */
  receive(packet: Packet, peer: Peer): void;
  /** An error occurred, on a connection or while connecting. */
  failed(error: IPCError, peer: Peer | undefined): void;
  /** A connection was made; `connections` is its number, counted from 1. */
  connected?(connections: number): void;
  disconnected?(info: CloseInfo | undefined): void;
  retrying?(attempt: number, delay: number, why: Retry): void;
  status?(status: ClientStatus): void;
  /** A connection has ended. */
  ended?(peer: Peer): void;
  /** The server calls for a stream, or sends a packet about a stream that it has called for. */
  called?(packet: Packet, peer: Peer): void;
  /** The client has given up with unsent events, and nobody awaits `ready()` or `flush()`. */
  gaveUp?(error: IPCError): void;
  /** The client has ended for good. */
  destroyed?(): void;
  /** The server has admitted the client. */
  welcomed?(welcome: Welcome, peer: Peer): void;
  /**
   * The delay before an attempt, in milliseconds. `attempt` counts from the last connection, or from the start if there was
   * none.
   */
  delay?(attempt: number, connectedBefore: boolean): number;
  /** How the client identifies itself to the server, and the proof. Default: a generated session. */
  identity?(): Pick<Hello, 'secret'> & { session: string | undefined };
}
