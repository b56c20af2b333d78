/** Figures of a connection, a client or a server. */
export interface Stats {
  packetsIn: number;
  packetsOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Requests asked and not yet answered. */
  openRequests: number;
  /** Bytes not yet handed to the kernel. */
  pendingBytes: number;
  /** When it began (milliseconds since 1970); 0 if it has not. */
  since: number;
}

/** All zero. */
export function noStats(since = 0): Stats {
  return { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0, openRequests: 0, pendingBytes: 0, since };
}

/** Adds a connection's traffic to a sum. */
export function addTraffic(sum: Stats, more: Stats): void {
  sum.packetsIn += more.packetsIn;
  sum.packetsOut += more.packetsOut;
  sum.bytesIn += more.bytesIn;
  sum.bytesOut += more.bytesOut;
}
