import type { InstanceReport, ProcessReport } from '../../services/inspect/index.js';

/** The current rates of a client, a server or a whole process. */
export interface Rates {
  /** Packets and bytes per second, both directions together. */
  readonly packets: number;
  readonly bytes: number;
}

/** The current figures of a process, with the rates of its instances by their ids. */
export interface Figures extends Rates {
  readonly connections: number;
  /** How many requests are open: those it has sent, and those its handlers work on. */
  readonly open: number;
  readonly answering: number;
  /** Bytes that wait to be sent. */
  readonly queued: number;
  /** CPU time per elapsed time; 1 means one full core. */
  readonly cpu: number;
  readonly instances: ReadonlyMap<number, Rates>;
}

const IDLE: Rates = { packets: 0, bytes: 0 };

/** Computes the figures of a process from two reports. The earlier one is undefined at first. */
export function figuresOf(report: ProcessReport, before: ProcessReport | undefined): Figures {
  const seconds = before === undefined ? 0 : (report.time - before.time) / 1000;
  const earlier = new Map(before?.instances.items.map((one) => [one.ref, one]));
  const instances = new Map<number, Rates>();
  const sum = { packets: 0, bytes: 0, connections: 0, open: 0, answering: 0, queued: 0 };
  for (const one of report.instances.items) {
    const rates = seconds > 0 ? ratesOf(one, earlier.get(one.ref), seconds) : IDLE;
    instances.set(one.ref, rates);
    sum.packets += rates.packets;
    sum.bytes += rates.bytes;
    add(sum, one);
  }
  const cpu = before === undefined || seconds <= 0 ? 0 : (report.cpu - before.cpu) / 1000 / seconds;
  return { ...sum, cpu: Math.max(0, cpu), instances };
}

function add(
  sum: { connections: number; open: number; answering: number; queued: number },
  one: InstanceReport,
): void {
  if (one.kind === 'channel') {
    sum.open += one.requests.total;
    sum.queued += one.queue.bytes;
  } else if (one.kind === 'client') {
    sum.connections += one.status === 'ready' ? 1 : 0;
    sum.open += one.requests.total;
    sum.answering += one.answering;
    sum.queued += one.stats.pendingBytes;
  } else {
    sum.connections += one.stats.connections;
    sum.open += one.stats.openRequests;
    sum.queued += one.stats.pendingBytes;
    for (const peer of one.peers.items) sum.answering += peer.answering;
  }
}

function ratesOf(one: InstanceReport, before: InstanceReport | undefined, seconds: number): Rates {
  if (one.kind === 'channel') return IDLE;
  const { packetsIn, packetsOut, bytesIn, bytesOut } = one.stats;
  const past = before === undefined || before.kind === 'channel' ? undefined : before.stats;
  const packets = packetsIn + packetsOut - (past === undefined ? 0 : past.packetsIn + past.packetsOut);
  const bytes = bytesIn + bytesOut - (past === undefined ? 0 : past.bytesIn + past.bytesOut);
  return { packets: Math.max(0, packets) / seconds, bytes: Math.max(0, bytes) / seconds };
}
