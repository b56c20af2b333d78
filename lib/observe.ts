import { channel } from 'node:diagnostics_channel';

/**
 * Where tools can watch: each a `node:diagnostics_channel`, published to only while somebody subscribes.
 *
 * | channel | message |
 * | --- | --- |
 * | `omni-ipc:connection` | `{ state: 'open' \| 'close', side, socket, dialect }` |
 * | `omni-ipc:packet.in`, `omni-ipc:packet.out` | `{ side, socket, packet }` |
 * | `omni-ipc:error` | `{ side, error, socket }` |
 * | `omni-ipc:request` | `{ side, type, id, state: 'open' \| 'done' \| 'failed', milliseconds?, error? }` |
 * | `omni-ipc:instance` | `{ kind: 'client' \| 'server' \| 'channel', instance }`: one has been made; it has an `inspect()` |
 */
export const observed = {
  connection: channel('omni-ipc:connection'),
  packetIn: channel('omni-ipc:packet.in'),
  packetOut: channel('omni-ipc:packet.out'),
  error: channel('omni-ipc:error'),
  request: channel('omni-ipc:request'),
  instance: channel('omni-ipc:instance'),
} as const;

/** Which end of a connection something happened on. */
export type Side = 'client' | 'server';
