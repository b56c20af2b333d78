import type { ServerInspection } from '../../index.js';
import type { InstanceReport, ProcessReport } from '../../services/inspect/index.js';
import type { Entry } from './sockets.js';

/** One inspected process, or one worker thread of it. */
export interface ProcessEntry extends Pick<ProcessReport, 'pid' | 'thread' | 'program' | 'node'> {
  readonly kind: 'process';
  /** The addresses of its servers and of the servers that its clients connect to, and the names of its channels. */
  readonly servers: readonly string[];
  readonly clients: readonly string[];
  readonly channels: readonly string[];
}

export function processEntry({ pid, thread, program, node, instances }: ProcessReport): ProcessEntry {
  const of = (kind: InstanceReport['kind']) => instances.items.filter((one) => one.kind === kind).map(nameOf);
  return {
    kind: 'process',
    pid,
    thread,
    program,
    node,
    servers: of('server'),
    clients: of('client'),
    channels: of('channel'),
  };
}

function nameOf(one: InstanceReport): string {
  return one.kind === 'channel' ? (one.name ?? 'its entry file') : one.address;
}

/**
 * Merges the found sockets with the reports of inspected processes, and adds servers that a search for sockets cannot find:
 * over TCP, TLS and UDP, and elsewhere in the file system.
 */
export function withInspected(
  entries: readonly Entry[],
  reports: readonly ProcessReport[],
  owner: string,
): Entry[] {
  const servers = new Map<string, { server: ServerInspection; process: ProcessReport }>();
  for (const process of reports)
    for (const server of process.instances.items)
      if (server.kind === 'server' && server.listening) servers.set(server.address, { server, process });
  const known = entries.map((entry) => {
    const found = servers.get(entry.address);
    if (found === undefined) return entry;
    servers.delete(entry.address);
    const { pid, program } = found.process;
    return { ...entry, dialect: found.server.dialects.join(','), pid, program };
  });
  const others = [...servers.values()].map(
    ({ server, process }): Entry => ({
      kind: 'server',
      address: server.address,
      dialect: server.dialects.join(','),
      owner,
      state: 'alive',
      clients: server.stats.connections,
      pid: process.pid,
      program: process.program,
    }),
  );
  return [...known, ...others];
}
