import { channel } from 'node:diagnostics_channel';
import type { Packet, PacketId } from '../entities/packet.js';

/** Which end of a connection something happened on. */
export type Side = 'client' | 'server';

/**
 * The messages of the `node:diagnostics_channel`s, by the name of the channel. Each is published to only while somebody subscribes.
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 * import type { DiagnosticsMessages } from 'omni-ipc';
 * subscribe('omni-ipc:request', (message) => {
 *   const { type, state, milliseconds } = message as DiagnosticsMessages['omni-ipc:request'];
 *   console.log(type, state, milliseconds);
 * });
 */
export interface DiagnosticsMessages {
  /** A connection is open, or has closed. `socket` is what handlers know it by, `dialect` the protocol that it speaks. */
  'omni-ipc:connection': { state: 'open' | 'close'; side: Side; socket: unknown; dialect: string };
  /** A packet has been read. It holds the payload. */
  'omni-ipc:packet.in': { side: Side; socket: unknown; packet: Packet };
  /** A packet is about to be written, `bytes` long as encoded; through a message port that is an estimate. It holds the payload. */
  'omni-ipc:packet.out': { side: Side; socket: unknown; packet: Packet; bytes: number };
  /** A client or server reports an error to its `error` handlers. `socket` is missing where no connection is concerned. */
  'omni-ipc:error': { side: Side; error: unknown; socket?: unknown };
  /**
   * A request or stream that this process has asked for: it is open, or is done, or has failed with `error`. `milliseconds` have
   * passed since it was asked. `stream` is what the caller of a stream reads.
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
  /** A client, server or channel has been made. `instance.inspect()` describes it. */
  'omni-ipc:instance': { kind: 'client' | 'server' | 'channel'; instance: { inspect(): unknown } };
}

/** A channel that takes messages of one type. */
interface TypedChannel<Message> {
  readonly name: string | symbol;
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

function typed<Name extends keyof DiagnosticsMessages>(name: Name): TypedChannel<DiagnosticsMessages[Name]> {
  return channel(name);
}

/** Where tools can watch; see {@link DiagnosticsMessages}. */
export const observed = {
  connection: typed('omni-ipc:connection'),
  packetIn: typed('omni-ipc:packet.in'),
  packetOut: typed('omni-ipc:packet.out'),
  error: typed('omni-ipc:error'),
  request: typed('omni-ipc:request'),
  instance: typed('omni-ipc:instance'),
} as const;
