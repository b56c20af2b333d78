import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import type { Registry } from '../inspect/registry.js';
import type { InstanceReport } from '../inspect/report.js';

/** How many clients, servers and channels are included, and for how many peers of a server open requests are counted. */
const MOST_INSTANCES = 10_000;
const MOST_PEERS = 1000;

/** Counters that never decrease, even if instances come and go. */
interface Grown {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly reconnects: number;
}

const NOTHING: Grown = { bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, reconnects: 0 };

/**
 * Observes the totals of all clients, servers and channels of the process each time metrics are collected; between
 * collections it costs nothing.
 * @returns a function that ends the observation
 */
export function observeGauges(meter: Meter, registry: Pick<Registry, 'reports'>): () => void {
  const open = meter.createObservableUpDownCounter('omni_ipc.open_calls', {
    description: 'Open requests and streams of this process, and those that its handlers are working on.',
    unit: '{call}',
  });
  const queued = meter.createObservableUpDownCounter('omni_ipc.queued', {
    description: 'Bytes that wait to be sent.',
    unit: 'By',
  });
  const connections = meter.createObservableUpDownCounter('omni_ipc.connections', {
    description: 'Connections of clients and of servers.',
    unit: '{connection}',
  });
  const io = meter.createObservableCounter('omni_ipc.io', {
    description: 'Bytes sent and received.',
    unit: 'By',
  });
  const packets = meter.createObservableCounter('omni_ipc.packets', {
    description: 'Packets sent and received; with omni_ipc.io, their average size.',
    unit: '{packet}',
  });
  const reconnects = meter.createObservableCounter('omni_ipc.client.reconnects', {
    description: 'Reconnects of clients.',
    unit: '{reconnect}',
  });
  const all: Observable[] = [open, queued, connections, io, packets, reconnects];
  const last = new Map<number, Grown>();
  const total = { ...NOTHING };
  const observe = (result: BatchObservableResult) => {
    const reports = registry.reports({ limit: MOST_PEERS }, MOST_INSTANCES).items;
    grow(reports, last, total);
    result.observe(open, sum(reports, openOf), { 'omni_ipc.side': 'asked' });
    result.observe(open, sum(reports, answeringOf), { 'omni_ipc.side': 'answering' });
    result.observe(queued, sum(reports, queuedOf));
    result.observe(connections, sum(reports, clientsOf), { 'omni_ipc.side': 'client' });
    result.observe(connections, sum(reports, peersOf), { 'omni_ipc.side': 'server' });
    result.observe(io, total.bytesOut, { 'network.io.direction': 'transmit' });
    result.observe(io, total.bytesIn, { 'network.io.direction': 'receive' });
    result.observe(packets, total.packetsOut, { 'network.io.direction': 'transmit' });
    result.observe(packets, total.packetsIn, { 'network.io.direction': 'receive' });
    result.observe(reconnects, total.reconnects);
  };
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}

/** Adds the growth since the last collection. */
function grow(
  reports: readonly InstanceReport[],
  last: Map<number, Grown>,
  total: { -readonly [Key in keyof Grown]: number },
): void {
  const there = new Set(reports.map(({ ref }) => ref));
  for (const ref of last.keys()) if (!there.has(ref)) last.delete(ref);
  for (const report of reports) {
    if (report.kind === 'channel') continue;
    const reconnects = report.kind === 'client' ? Math.max(0, report.connections - 1) : 0;
    const now = { ...report.stats, reconnects };
    const before = last.get(report.ref) ?? NOTHING;
    for (const key of Object.keys(NOTHING) as (keyof Grown)[])
      total[key] += Math.max(0, now[key] - before[key]);
    last.set(report.ref, now);
  }
}

function sum(reports: readonly InstanceReport[], of: (report: InstanceReport) => number): number {
  return reports.reduce((total, report) => total + of(report), 0);
}

function openOf(report: InstanceReport): number {
  return report.kind === 'server' ? report.stats.openRequests : report.requests.total;
}

function answeringOf(report: InstanceReport): number {
  if (report.kind === 'client') return report.answering;
  return report.kind === 'server' ? report.peers.items.reduce((all, { answering }) => all + answering, 0) : 0;
}

function queuedOf(report: InstanceReport): number {
  return report.kind === 'channel' ? report.queue.bytes : report.stats.pendingBytes;
}

function clientsOf(report: InstanceReport): number {
  return report.kind === 'client' && report.status === 'ready' ? 1 : 0;
}

function peersOf(report: InstanceReport): number {
  return report.kind === 'server' ? report.stats.connections : 0;
}
