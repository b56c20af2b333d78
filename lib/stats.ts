/** Figures of a connection, a client or a server. */
export interface Stats {
  /** Received packets. */
  packetsIn: number;
  /** Sent packets. */
  packetsOut: number;
  /** Received bytes. */
  bytesIn: number;
  /** Sent bytes. */
  bytesOut: number;
  /** Requests that were sent and not answered yet. */
  openRequests: number;
  /** Bytes that the kernel has not accepted yet. */
  pendingBytes: number;
  /** When it started, in milliseconds since 1970; 0 if it has not. */
  since: number;
}

/** Figures that are all zero. */
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
