import { channel } from 'node:diagnostics_channel';
import type { Packet, PacketId } from '../entities/packet.js';

/** The end of a connection on which something happened. */
export type Side = 'client' | 'server';

/**
 * The messages of the `node:diagnostics_channel`s, by the name of the channel. A channel is published to only if it has
 * subscribers.
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 * import type { DiagnosticsMessages } from 'omni-ipc';
 * subscribe('omni-ipc:request', (message) => {
 *   const { type, state, milliseconds } = message as DiagnosticsMessages['omni-ipc:request'];
 *   console.log(type, state, milliseconds);
 * });
 */
export interface DiagnosticsMessages {
  /**
   * A connection was opened or closed. `socket` is the object that handlers receive, `dialect` the protocol that the
   * connection uses.
   */
  'omni-ipc:connection': { state: 'open' | 'close'; side: Side; socket: unknown; dialect: string };
  /** A packet was read, including its payload. */
  'omni-ipc:packet.in': { side: Side; socket: unknown; packet: Packet };
  /**
   * A packet is about to be written, including its payload. `bytes` is its encoded size, which is an estimate for message
   * ports.
   */
  'omni-ipc:packet.out': { side: Side; socket: unknown; packet: Packet; bytes: number };
  /** A client or server reports an error to its `error` handlers. `socket` is missing if the error concerns no connection. */
  'omni-ipc:error': { side: Side; error: unknown; socket?: unknown };
  /**
   * A request or stream of this process was opened, has completed, or has failed with `error`. `milliseconds` is the time
   * since it was opened. `stream` is the object that the caller of a stream reads.
   */
  'omni-ipc:request': {
    side: Side;
    type: string;
    id: PacketId;
    state: 'open' | 'done' | 'failed';
    milliseconds: number;
    error?: unknown;
    stream?: object;
  };
  /** A client, server or channel was created. `instance.inspect()` describes it. */
  'omni-ipc:instance': { kind: 'client' | 'server' | 'channel'; instance: { inspect(): unknown } };
}

/** A diagnostics channel with messages of one type. */
interface TypedChannel<Message> {
  readonly name: string | symbol;
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

function typed<Name extends keyof DiagnosticsMessages>(name: Name): TypedChannel<DiagnosticsMessages[Name]> {
  return channel(name);
}

/** The diagnostics channels of this package; see {@link DiagnosticsMessages}. */
export const observed = {
  connection: typed('omni-ipc:connection'),
  packetIn: typed('omni-ipc:packet.in'),
  packetOut: typed('omni-ipc:packet.out'),
  error: typed('omni-ipc:error'),
  request: typed('omni-ipc:request'),
  instance: typed('omni-ipc:instance'),
} as const;
