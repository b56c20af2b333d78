import { resolve } from 'node:path';
import type { ClientInspection } from '../../index.js';
import type { InspectedProcess } from '../inspect/processes.js';
import type { EdgeView } from './wire.js';

type Edge = { -readonly [Key in keyof EdgeView]: EdgeView[Key] };

/**
 * The connections between processes. Over IP, both ends of a connection are matched; for Unix sockets, the path. If several
 * processes share a path, as workers of a cluster do, the first represents them all.
 */
export function edgesOf(processes: readonly InspectedProcess[]): EdgeView[] {
  const places = new Map<string, string>();
  const ends = new Map<string, string>();
  for (const { key, report } of processes) {
    for (const one of report?.instances.items ?? []) {
      if (one.kind !== 'server') continue;
      const place = normal(one.address);
      if (one.listening && !places.has(place)) places.set(place, key);
      for (const { remote } of one.peers.items) if (remote !== undefined) ends.set(remote, key);
    }
  }
  const edges = new Map<string, Edge>();
  for (const { key, report, figures } of processes) {
    for (const one of report?.instances.items ?? []) {
      if (one.kind !== 'client' || one.status !== 'ready') continue;
      const to = serverOf(one, places, ends);
      const id = `${key} ${to} ${one.address}`;
      const edge = edges.get(id) ?? {
        from: key,
        to,
        address: one.address,
        clients: 0,
        messages: 0,
        bytes: 0,
      };
      const rates = figures?.instances.get(one.ref);
      edge.clients++;
      edge.messages += rates?.packets ?? 0;
      edge.bytes += rates?.bytes ?? 0;
      edges.set(id, edge);
    }
  }
  return [...edges.values()];
}

/** The process that a client is connected to, or the address if that process is not inspected. */
function serverOf(
  { address, local, remote }: ClientInspection,
  places: ReadonlyMap<string, string>,
  ends: ReadonlyMap<string, string>,
): string {
  return (
    ends.get(local ?? '') ?? places.get(normal(address)) ?? places.get(`tcp://${remote ?? ''}`) ?? address
  );
}

function normal(address: string): string {
  return address.startsWith('unix:/') ? `unix:${resolve(address.slice('unix:'.length))}` : address;
}
